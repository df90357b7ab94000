//! One request, two platforms, two processes over one database, fifty clicks at once, each delivered three times.

use claviger::domain::conversation::Surface::{Slack, Teams};
use claviger::domain::event::Stream;
use claviger::ports::store::{GrantQuery, RequestQuery};
use futures_util::future::join_all;

use crate::platform::talks::asked;
use crate::platform::town::{Town, labels};
use crate::store::under::Under;

pub async fn fifty_clicks_at_once_are_one_decision(under: Under) {
    let (ground, one, manager) = asked(&under).await;
    let two = Town::over(&ground, under.store.clone());
    let on_slack = one.button(Slack, &manager, "Approve").unwrap();
    let on_teams = one.button(Teams, &manager, "Approve").unwrap();
    let clicks: Vec<_> = (0..50)
        .map(|n| {
            let (surface, (on, token)) = if n % 2 == 0 { (Slack, &on_slack) } else { (Teams, &on_teams) };
            Town::pressed(surface, &manager, on, token, &[])
        })
        .collect();
    let deliveries = clicks.iter().flat_map(|click| {
        [&one, &two, &one].into_iter().map(move |town| async move {
            // A delivery that the database was too busy for comes again, as platforms do.
            for _ in 0..20 {
                match claviger::ports::surface::ChatDoor::take(&town.door, click).await {
                    Ok(claviger::ports::surface::Taken::New) => {
                        claviger::ports::surface::ChatDoor::deal(&town.door, click).await;
                        return;
                    }
                    Ok(claviger::ports::surface::Taken::Before) => return,
                    Err(_) => tokio::task::yield_now().await,
                }
            }
            panic!("a delivery was never taken");
        })
    });
    tokio::join!(join_all(deliveries), async {
        for _ in 0..20 {
            let (first, second) = tokio::join!(one.runner.run_due_once(), two.runner.run_due_once());
            let _ = (first, second);
            tokio::task::yield_now().await;
        }
    });
    one.settle().await;
    two.settle().await;
    one.calm().await;
    one.all_is_right().await;
    let store = &one.house.store;
    let requests = store.requests(&RequestQuery::default()).await.unwrap();
    assert_eq!((requests.len(), requests[0].state.name()), (1, "active"));
    let events = store.events_of(&Stream::Request(requests[0].id)).await.unwrap();
    let votes = events.iter().filter(|e| format!("{:?}", e.event.body).contains("Voted")).count();
    assert_eq!(votes, 1, "one decision");
    assert_eq!(store.grants(&GrantQuery::default()).await.unwrap().len(), 1, "one grant");
    assert_eq!(under.door_count("deliveries", "dealt_us IS NULL").await, 0);
    assert_eq!(under.door_count("deliveries", "1 = 1").await, 52, "two of hers, fifty of his");
    for fake in [&ground.slack, &ground.teams] {
        let theirs = fake.direct_of(&manager);
        assert_eq!(theirs.len(), 1);
        assert_eq!(labels(&theirs[0].card), Vec::<&str>::new());
    }
}

crate::on_both!(fifty_clicks_at_once_are_one_decision);
