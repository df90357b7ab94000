//! The list of cases, once for each database, so that both have the same number.

macro_rules! cases {
    ($($file:ident :: { $($case:ident),* $(,)? })*) => {
        mod sqlite {
            $($(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $case() {
                crate::store::under::on_sqlite(crate::store::$file::$case).await;
            })*)*
        }
        mod postgres {
            $($(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $case() {
                crate::store::under::on_postgres(stringify!($case), crate::store::$file::$case).await;
            })*)*
        }
    };
}

cases! {
    keeping::{
        aggregates_read_back_as_written,
        leaves_are_the_canonical_bytes,
        a_stale_version_loses_and_leaves_nothing,
        an_older_projection_loses,
        the_house_has_no_versions,
        once_is_once,
        locks_stand_as_read,
        a_failing_late_part_leaves_nothing,
        conversations_compare_and_set,
        messages_keep_the_order_of_writing,
        texts_can_be_erased,
        artifacts_are_kept_once,
        checkpoints_are_kept_once,
        hostile_text_comes_back_harmless,
    }
    questions::{
        requests_that_fit,
        grants_that_fit,
        open_tasks_by_due_time,
        whoever_voted_is_not_waited_for,
        sessions_last_until_they_end,
        tickets_that_fit,
        questions_to_the_helpdesk_from_a_moment_on,
    }
    accounts::{
        accounts_read_back_and_the_older_version_loses,
        passkeys_are_somebodys_and_count_up,
    }
    racing::{
        one_of_two_writers_wins_a_lock,
        one_of_eight_writers_wins_a_version,
        eight_writers_leave_no_gap,
        six_workers_do_each_job_once,
    }
    queue::{
        jobs_are_due_in_order_and_never_early,
        the_same_job_is_written_once,
        a_lease_runs_out_and_fences_off,
        a_batch_completes_its_job_or_nothing,
        failed_jobs_come_back_or_die,
        an_unreadable_job_holds_nobody_up,
        what_was_done_long_ago_is_dropped_and_nothing_else,
    }
    tampering::{
        an_untouched_database_is_sound,
        altered_columns_are_found,
        altered_snapshots_are_found,
        a_missing_event_is_found,
    }
    chat::{
        a_delivery_is_taken_once_and_dealt_with_once,
        a_lane_has_one_worker_at_a_time,
        messages_are_due_in_order_until_they_show_how_things_stand,
        long_settled_messages_are_forgotten,
    }
    signins::{
        the_same_record_is_kept_once,
        events_are_found_by_whose_and_when,
        old_events_are_minimised_then_deleted,
        cursors_stand_where_they_were_put,
        the_same_event_serialised_anew_counts_once,
        a_source_has_one_holder_at_a_time,
        of_two_replicas_one_fetches,
    }
    whereabouts::{
        what_is_not_said_again_stays,
        thumbs_last_until_they_end,
    }
    runner::{
        due_jobs_are_done_and_make_more,
        failures_wait_longer_and_longer,
        a_handler_that_breaks_off_is_tried_again,
        taking_access_away_is_tried_until_it_works,
        the_loop_does_what_is_due_and_stops,
        a_sweep_forgets_what_was_done_sixty_days_ago,
    }
}
