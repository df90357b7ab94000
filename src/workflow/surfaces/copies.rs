//! One message of ours on a platform: posted once, then drawn anew whenever what it shows has changed.

use crate::domain::action::Subject;
use crate::domain::card::Card;
use crate::domain::posting::{Due, Posting, Shows, Standing};
use crate::ports::surface::{ChatSurface, SurfaceError};
use crate::workflow::error::WorkflowError;
use crate::workflow::surfaces::draw::{self, Drawing};
use crate::workflow::surfaces::reach::Found;
use crate::workflow::surfaces::tend::{self, Step, Worker, in_time};

/// Posts a message that does not stand there yet, as far as is known.
///
/// # Errors
/// Where the lane is no longer ours, or the store cannot be reached.
pub async fn post(worker: &Worker<'_>, platform: &dyn ChatSurface, due: Due) -> Result<Step, WorkflowError> {
    let Due { mut posting, marks } = due;
    let place = match (&posting.place, posting.standing) {
        // It may stand there already: then where it was tried.
        (Some(place), Standing::Posting) => place.clone(),
        _ => match tend::place(worker, platform, &posting).await? {
            Found::There(place, _) => place,
            Found::Nowhere => return worker.gone(posting, marks, "there is no account to send it to".into()).await,
            Found::NotNow(error) => return worker.failed(posting, marks, error).await,
        },
    };
    let once = posting.id.to_string();
    if posting.standing == Standing::Posting {
        match in_time(platform.find(&place, &once)).await {
            Ok(Some(found)) => {
                // What it shows there is not known, so it is drawn anew at once.
                (posting.place, posting.message) = (Some(found.place), Some(found.message));
                posting.standing = Standing::Posted;
                posting.shown = None;
                counted(&posting, "found");
                worker.put(&posting, marks, true).await?;
                return Ok(Step::Next);
            }
            Ok(None) => {}
            Err(error) => return worker.failed(posting, marks, error).await,
        }
    }
    let Some(drawing) = draw::draw(worker.house, &posting).await? else {
        return worker.gone(posting, marks, "there is nobody to show it to".into()).await;
    };
    posting.place = Some(place.clone());
    posting.standing = Standing::Posting;
    worker.put(&posting, marks, true).await?;
    let card = &drawing.card;
    let said = match in_time(platform.post(&place, card, &once)).await {
        Err(SurfaceError::Refused(why)) => {
            tracing::error!(posting.id = %posting.id, surface = posting.surface.name(), why, "the platform refused a card; its plain form is tried");
            in_time(platform.post(&place, &plain(card), &once)).await
        }
        said => said,
    };
    match said {
        Ok(posted) => {
            counted(&posting, "posted");
            (posting.place, posting.message) = (Some(posted.place), Some(posted.message));
            posting.standing = Standing::Posted;
            shown(worker, platform, posting, marks, drawing).await
        }
        Err(error) => {
            counted(&posting, "failed");
            let unsure = matches!(error, SurfaceError::Later { unsure: true, .. });
            if !unsure {
                posting.standing = Standing::Wanted;
            }
            if matches!(error, SurfaceError::Gone(_)) {
                forget_place(worker, platform, &posting).await?;
            }
            worker.failed(posting, marks, error).await
        }
    }
}

/// Draws a message anew, where that changes anything.
///
/// # Errors
/// As [`post`].
pub async fn redraw(worker: &Worker<'_>, platform: &dyn ChatSurface, due: Due) -> Result<Step, WorkflowError> {
    let Due { mut posting, marks } = due;
    let Some(posted) = posting.posted() else {
        return worker.gone(posting, marks, "where it stands is not known".into()).await;
    };
    let Some(drawing) = draw::draw(worker.house, &posting).await? else {
        posting.settled = true;
        worker.put(&posting, marks, false).await?;
        return Ok(Step::Next);
    };
    // A lower revision is never drawn over a higher one. (One that is drawn from nothing any more has none.)
    if drawing.card.key.is_some() && drawing.card.revision < posting.revision {
        worker.put(&posting, marks, false).await?;
        return Ok(Step::Next);
    }
    let digest = draw::digest(worker.house, platform, &drawing.card);
    let fading = posting.fades.is_some_and(|fades| fades <= worker.house.now());
    if posting.shown == Some(digest) && !fading {
        posting.failures = 0;
        posting.revision = drawing.card.revision.max(posting.revision);
        posting.settled = drawing.settled;
        worker.put(&posting, marks, false).await?;
        return Ok(Step::Next);
    }
    let said = match in_time(platform.update(&posted, &drawing.card)).await {
        Err(SurfaceError::Refused(why)) => {
            tracing::error!(posting.id = %posting.id, surface = posting.surface.name(), why, "the platform refused a card; its plain form is tried");
            in_time(platform.update(&posted, &plain(&drawing.card))).await
        }
        said => said,
    };
    match said {
        Ok(()) => {
            metrics::counter!("claviger_updates_total", "surface" => posting.surface.name(), "outcome" => "drawn")
                .increment(1);
            shown(worker, platform, posting, marks, drawing).await
        }
        Err(error) => {
            metrics::counter!("claviger_updates_total", "surface" => posting.surface.name(), "outcome" => "failed")
                .increment(1);
            if matches!(error, SurfaceError::Later { unsure: true, .. }) {
                posting.shown = None;
            }
            worker.failed(posting, marks, error).await
        }
    }
}

/// Notes what stands there now.
async fn shown(
    worker: &Worker<'_>,
    platform: &dyn ChatSurface,
    mut posting: Posting,
    marks: u64,
    drawing: Drawing,
) -> Result<Step, WorkflowError> {
    posting.shown = Some(draw::digest(worker.house, platform, &drawing.card));
    posting.revision = drawing.card.revision.max(posting.revision);
    posting.fades = drawing.fades;
    posting.settled = drawing.settled;
    posting.failures = 0;
    posting.trouble = String::new();
    if drawing.settled && matches!(posting.shows, Shows::Said { .. }) {
        posting.shows = Shows::Past;
    }
    worker.put(&posting, marks, false).await?;
    Ok(Step::Next)
}

/// A person's private place takes no more messages: the next one is looked up anew.
async fn forget_place(worker: &Worker<'_>, platform: &dyn ChatSurface, posting: &Posting) -> Result<(), WorkflowError> {
    let crate::domain::posting::Audience::Person { id } = &posting.audience else { return Ok(()) };
    for account in worker.house.surfaces.people.accounts_of(worker.house, id, platform.surface()).await? {
        if worker.house.store.place_of(&account).await?.map(|p| p.channel)
            == posting.place.as_ref().map(|p| p.channel.clone())
        {
            worker.house.store.drop_place(&account).await?;
        }
    }
    Ok(())
}

/// What is left of a card that a platform would not take: who and what and how it stands, and where to see all of it.
fn plain(card: &Card) -> Card {
    let mut plain = Card::note(card.headline.chars().take(150).collect::<String>());
    plain.key = card.key;
    plain.revision = card.revision;
    plain.badge.clone_from(&card.badge);
    plain.actions.clone_from(&card.actions);
    plain.footer.clone_from(&card.footer);
    plain.para(match card.key.map(|k| k.subject) {
        Some(Subject::Request(_)) => {
            "This card could not be shown here in full. You find all of it in the web chat's inbox."
        }
        _ => "This could not be shown here in full. You find all of it in the web chat.",
    })
}

fn counted(posting: &Posting, outcome: &'static str) {
    metrics::counter!("claviger_posts_total", "surface" => posting.surface.name(), "outcome" => outcome).increment(1);
}
