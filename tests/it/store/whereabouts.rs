//! Where accounts are to be found, and the buttons behind thumbs.

use claviger::domain::account::{Account, PlatformId};
use claviger::domain::action::ActionToken;
use claviger::domain::conversation::Surface;
use claviger::ports::whereabouts::{Thumbs, Whereabouts};

use crate::store::sample::at;
use crate::store::under::Under;

fn id(text: &str) -> PlatformId {
    PlatformId::parse(text).unwrap()
}

fn of(account: &str, space: &str) -> Account {
    Account { surface: Surface::Teams, space: id(space), id: id(account) }
}

pub async fn what_is_not_said_again_stays(under: Under) {
    let book = &under.whereabouts;
    let ana = of("ana", "acme");
    assert_eq!(book.whereabouts(&ana).await.unwrap(), None);
    assert_eq!(book.way_to(Surface::Teams, &id("acme")).await.unwrap(), None);
    let first = Whereabouts {
        account: ana.clone(),
        native: Some(id("29:ana")),
        direct: Some(id("a:ana")),
        via: "https://one/".into(),
        at: at(1),
    };
    book.learn(&first).await.unwrap();
    // Both databases keep whole microseconds.
    let kept =
        Whereabouts { at: jiff::Timestamp::from_microsecond(first.at.as_microsecond()).unwrap(), ..first.clone() };
    assert_eq!(book.whereabouts(&ana).await.unwrap(), Some(kept));
    let later = Whereabouts { native: None, direct: None, via: "https://two/".into(), at: at(2), ..first.clone() };
    book.learn(&later).await.unwrap();
    let known = book.whereabouts(&ana).await.unwrap().unwrap();
    assert_eq!((known.native, known.direct, known.via.as_str()), (first.native, first.direct, "https://two/"));
    // The newest way to an organisation, and to no other.
    let ben =
        Whereabouts { account: of("ben", "acme"), native: None, direct: None, via: "https://three/".into(), at: at(3) };
    let elsewhere = Whereabouts { account: of("ana", "other"), via: "https://four/".into(), at: at(4), ..ben.clone() };
    book.learn(&ben).await.unwrap();
    book.learn(&elsewhere).await.unwrap();
    assert_eq!(book.way_to(Surface::Teams, &id("acme")).await.unwrap().as_deref(), Some("https://three/"));
    assert_eq!(book.way_to(Surface::Slack, &id("acme")).await.unwrap(), None);
    assert_eq!(book.whereabouts(&of("ben", "other")).await.unwrap(), None);
}

pub async fn thumbs_last_until_they_end(under: Under) {
    let book = &under.whereabouts;
    let thumbs = |n: &str| Thumbs { helped: ActionToken(format!("y{n}")), not_helped: ActionToken(format!("n{n}")) };
    book.keep_thumbs("m", &thumbs("1"), at(10)).await.unwrap();
    book.keep_thumbs("m", &thumbs("2"), at(20)).await.unwrap();
    book.keep_thumbs("other", &thumbs("3"), at(99)).await.unwrap();
    assert_eq!(book.thumbs("m", at(19)).await.unwrap(), Some(thumbs("2")));
    assert_eq!(book.thumbs("m", at(20)).await.unwrap(), None);
    assert_eq!(book.sweep_thumbs(at(20)).await.unwrap(), 1);
    assert_eq!(book.sweep_thumbs(at(20)).await.unwrap(), 0);
    assert_eq!(book.thumbs("other", at(20)).await.unwrap(), Some(thumbs("3")));
}
