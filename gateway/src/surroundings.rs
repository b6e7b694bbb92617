//! What stands round every page of an app: its name, whom to ask, and whether an exception is open.
//!
//! Open exceptions are looked up every second for the banner and the gauge, because a page must not
//! cost a query for them. Never asked whether somebody may pass: a login reads the store anew
//! (`sign_in::login`).

use std::sync::Arc;
use std::time::Duration;

use anteroom_core::facts::Method;
use anteroom_core::ids::AppName;
use anteroom_core::time::Timestamp;
use anteroom_store::EmergencyView;
use arc_swap::ArcSwap;

use crate::arrival::Arrival;
use crate::gateway::Gateway;
use crate::pages::Chrome;
use crate::portal;

/// How often open exceptions are read.
const POLL: Duration = Duration::from_secs(1);

/// The exceptions that were open when the store was last read.
#[derive(Default)]
pub struct Emergencies(ArcSwap<Vec<EmergencyView>>);

impl Emergencies {
    /// When the exception of an app ends, if one is open as far as this node knows.
    #[must_use]
    pub fn open_until(&self, app: &AppName, now: Timestamp) -> Option<Timestamp> {
        let known = self.0.load();
        let mut open = known
            .iter()
            .filter(|one| one.app == *app && one.is_open(now));
        open.next().map(|one| one.ends_at)
    }
}

impl Gateway {
    /// The frame that all pages of a request share.
    #[must_use]
    pub fn chrome<'a>(&self, arrival: &'a Arrival, reference: &'a str) -> Chrome<'a> {
        let settings = &arrival.app.settings;
        Chrome {
            app: &settings.display_name,
            contact: &settings.contact,
            brand: &arrival.app.brand,
            reference,
            home: &settings.profile.login_page,
            emergency_until: self.emergencies.open_until(&settings.name, self.now()),
            language: arrival.language(),
            here: here(arrival),
        }
    }
}

/// The page to come back to when the language is changed: this one, if asking for it shows it
/// again, else the app's login page. Without the query: what stands in it is not ours to repeat.
fn here(arrival: &Arrival) -> &str {
    let again = match arrival.method {
        Method::Get | Method::Head => true,
        Method::Post => portal::shows(&arrival.path),
        Method::Other => false,
    };
    if again {
        &arrival.path
    } else {
        &arrival.app.settings.profile.login_page
    }
}

/// Keeps the list up to date for ever. While the store cannot be read, what is known stays and ends
/// at its time.
pub async fn emergencies(gateway: Arc<Gateway>) {
    loop {
        if let Ok(open) = gateway.store.emergencies_open(gateway.now()).await {
            gateway.metrics.set_emergencies(open.len());
            gateway.emergencies.0.store(Arc::new(open));
        }
        tokio::time::sleep(POLL).await;
    }
}
