//! One request, three platforms, two processes: everybody who may decide presses on all platforms at once, every delivery comes three
//! times, and in the end there was one decision for each step, one vote for each human, one grant, and every copy shows how it ended. Then
//! the same with a process killed in the middle.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};

use claviger::domain::action::Verb;
use claviger::domain::conversation::Surface;
use claviger::domain::event::{EventBody, Stream};
use claviger::domain::request::{Request, RequestEvent, Vote};
use claviger::ports::posting::{Delivered, Deliveries as _};
use claviger::ports::store::{GrantQuery, Grants as _, Record as _, RequestQuery, Requests as _};
use futures_util::future::join_all;

use crate::fleet::company::Someone;
use crate::fleet::ground::{Fleet, Ways, until};
use crate::fleet::hands::Delivery;
use crate::fleet::looks::Press;

/// Asked for by this person, it needs more than one yes.
const ASKER: &str = "elena.popescu";
const WORDS: &str = "I need admin access to the customer database until Friday, for the churn model";
/// How many times each delivery comes.
const TIMES: usize = 3;
/// After so many acknowledgements a process is killed.
const IN_THE_MIDDLE: usize = 40;

/// How many lanes one process works in at once.
const LANES: usize = 8;

/// What happens to a process in the middle of a storm.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    Lives,
    Killed,
    StandsStill,
}

/// Asks on Slack and files it; answers with the request.
pub async fn asked(fleet: &Fleet) -> Request {
    let asker = fleet.someone(ASKER);
    let said = fleet.words(Surface::Slack, asker, WORDS);
    for to in [0, 1, 0] {
        assert!(fleet.deliver(&said, to).await);
    }
    let submit = fleet.shown(Surface::Slack, asker, Verb::Submit).await;
    let click = fleet.click(asker, &submit);
    for to in [1, 0, 1] {
        assert!(fleet.deliver(&click, to).await);
    }
    until("it is filed", async || fleet.requests().await.pop()).await
}

impl Fleet {
    pub async fn requests(&self) -> Vec<Request> {
        self.store.requests(&RequestQuery::default()).await.unwrap()
    }

    /// Waits until nothing is left to do, and until what was decided is set up: that may be tried again later, and what is due later does
    /// not keep the rest from being calm.
    pub async fn settled(&self) {
        self.calm().await;
        let set_up = async || {
            self.requests().await.iter().all(|r| !matches!(r.state.name(), "approved" | "provisioning")).then_some(())
        };
        until("it is set up", set_up).await;
        self.calm().await;
    }

    /// What was said to a request so far, by whom.
    pub async fn votes(&self, request: &Request) -> Vec<Vote> {
        let events = self.store.events_of(&Stream::Request(request.id)).await.unwrap();
        let vote = |body| match body {
            EventBody::Request(RequestEvent::Voted { vote }) => Some(vote),
            _ => None,
        };
        events.into_iter().filter_map(|e| vote(e.event.body)).collect()
    }
}

/// Fifty clicks by all who are asked, on all platforms, each delivered three times over both processes. Answers those that were
/// acknowledged.
pub async fn storm(fleet: &Fleet, who: &[&Someone], fate: Fate, which: usize) -> Vec<Delivery> {
    let mut seen: Vec<(&Someone, Press)> = Vec::new();
    for someone in who {
        for surface in Surface::PLATFORMS {
            seen.push((someone, fleet.shown(surface, someone, Verb::Approve).await));
        }
    }
    let acknowledged = AtomicUsize::new(0);
    let met = tokio::sync::Notify::new();
    let people = (0..50).map(|n| {
        let (someone, press) = &seen[n % seen.len()];
        let (acknowledged, met) = (&acknowledged, &met);
        async move {
            // Whoever is not answered presses again.
            for _ in 0..200 {
                let click = fleet.click(someone, press);
                let times = join_all((0..TIMES).map(|time| {
                    let click = &click;
                    async move {
                        let done = fleet.deliver(click, (n + time) % 2).await;
                        if done && acknowledged.fetch_add(1, Ordering::SeqCst) + 1 == IN_THE_MIDDLE {
                            met.notify_one();
                        }
                        done
                    }
                }))
                .await;
                if times.contains(&true) {
                    return click;
                }
                tokio::time::sleep(std::time::Duration::from_millis(200)).await;
            }
            panic!("a click was never taken: {press:?}");
        }
    });
    let happens = async {
        met.notified().await;
        match fate {
            Fate::Lives => {}
            Fate::Killed => fleet.kill(which).await,
            Fate::StandsStill => fleet.processes[which].lock().await.signal("STOP"),
        }
    };
    tokio::join!(join_all(people), happens).0
}

/// The whole request, step by step; what happens to a process happens in every step, to one after the other.
pub async fn decided(fleet: &Fleet, fate: Fate) {
    let request = asked(fleet).await;
    // A bot cannot find its messages in Teams, and a process that is killed works in so many lanes at once.
    let orphans = if fate == Fate::Killed { LANES } else { 0 };
    let (mut steps, mut clicks) = (0, Vec::new());
    loop {
        let now = fleet.requests().await.pop().unwrap();
        let Some((step, open)) = now.open_step() else { break };
        let quorum = usize::from(open.quorum);
        let before: BTreeSet<_> = fleet.votes(&request).await.into_iter().map(|v| v.by).collect();
        let asked: Vec<&Someone> = open
            .candidates
            .iter()
            .filter(|c| !before.contains(&c.person))
            .map(|c| fleet.someone(c.person.as_str()))
            .collect();
        println!("step {step}: {quorum} of {:?}", asked.iter().map(|s| &s.id).collect::<Vec<_>>());
        let which = steps % 2;
        clicks.extend(storm(fleet, &asked, fate, which).await);
        if fate == Fate::StandsStill {
            crate::fleet::stopped::longer_than_a_lease().await;
            fleet.processes[which].lock().await.signal("CONT");
        }
        fleet.settled().await;
        if fate == Fate::Killed {
            fleet.all_is_right(orphans * (steps + 1)).await;
            fleet.start_again(which).await;
            fleet.settled().await;
        }
        fleet.all_is_right(orphans * (steps + 1)).await;
        let votes: Vec<Vote> = fleet.votes(&request).await;
        let of_step: Vec<_> = votes.iter().filter(|v| v.step == step).collect();
        let humans: BTreeSet<_> = votes.iter().map(|v| (v.step, &v.by)).collect();
        assert_eq!(humans.len(), votes.len(), "each human counts once: {votes:#?}");
        assert!(of_step.len() <= quorum && !of_step.is_empty(), "{votes:#?}");
        steps += 1;
        assert!(steps < 6, "it does not end");
    }
    assert!(steps > 1, "more than one step is wanted here");
    fleet.settled().await;
    assert_eq!(fleet.requests().await[0].state.name(), "active");
    fleet.all_is_right(orphans * (steps + 1)).await;
    assert_eq!(fleet.requests().await.len(), 1, "one request");
    assert_eq!(fleet.store.grants(&GrantQuery::default()).await.unwrap().len(), 1, "one grant");
    assert_eq!(fleet.target.counts().0, 1, "opened once");
    for click in &clicks {
        assert_eq!(fleet.store.delivery(&click.key()).await.unwrap(), Delivered::Dealt, "{click:#?}");
    }
    let kept = fleet.number("SELECT COUNT(*) FROM deliveries").await;
    let made = i64::try_from(clicks.len()).unwrap() + 2;
    match fate {
        Fate::Lives => assert_eq!(kept, made, "each delivery was kept once"),
        // What was kept but not acknowledged was pressed again.
        _ => assert!(kept >= made, "{kept} of {made}"),
    }
    // Nobody who decided has anything left to press.
    for vote in fleet.votes(&request).await {
        let who = fleet.someone(vote.by.as_str());
        for surface in Surface::PLATFORMS {
            for seen in fleet.reads(surface, who) {
                let left: Vec<_> = fleet.buttons(&seen).into_iter().map(|b| b.action.verb).collect();
                assert!(left.is_empty(), "{left:?} on {surface:?}: {:#}", seen.body);
            }
        }
    }
}

async fn one_request(name: &str, ways: Ways, fate: Fate) {
    let Some(fleet) = Fleet::start(name, ways).await else { return };
    decided(&fleet, fate).await;
    fleet.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fifty_clicks_on_three_platforms_are_one_decision_by_calls() {
    one_request("fifty clicks by calls", Ways::Called, Fate::Lives).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fifty_clicks_on_three_platforms_are_one_decision_by_connections() {
    one_request("fifty clicks by connections", Ways::Connected, Fate::Lives).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_process_killed_in_the_middle_of_fifty_clicks_changes_nothing() {
    one_request("fifty clicks and a kill, by calls", Ways::Called, Fate::Killed).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connected_process_killed_in_the_middle_of_fifty_clicks_changes_nothing() {
    one_request("fifty clicks and a kill, by connections", Ways::Connected, Fate::Killed).await;
}
