//! Her remembered computers, as her own page lists them.
//!
//! Reads only, and tells those that still count: one that was remembered under other settings asks
//! for a code again, so it is none. What ends them: `acts` and the store's `device_end`.

use anteroom_core::ids::{DeviceId, SubscriberId};
use anteroom_store::DeviceView;

use super::{Herself, overview};
use crate::cookies::device::DeviceCookie;
use crate::fail::Failure;
use crate::pages::own::OwnDevice;
use crate::portal::visit::Visit;

/// Those at which no code is asked for.
pub(super) async fn remembered(
    visit: &Visit,
    whose: SubscriberId,
) -> Result<Vec<DeviceView>, Failure> {
    let mut found = visit.gateway.store.devices_of(whose, visit.now).await?;
    found.retain(|one| {
        let app = visit.gateway.app_named(&one.app);
        let policy = app.map(|app| &app.settings.policy);
        policy.is_some_and(|policy| {
            let terms = policy.devices.as_ref();
            terms.is_some_and(|devices| devices.terms(policy.kinds) == one.terms)
        })
    });
    Ok(found)
}

/// The same, for the page.
pub(super) async fn told(visit: &Visit, herself: &Herself<'_>) -> Result<Vec<OwnDevice>, Failure> {
    let found = remembered(visit, herself.subscriber).await?;
    let this = this_one(visit).await?;
    Ok(found
        .into_iter()
        .map(|one| OwnDevice {
            id: one.id.0,
            this: this == Some(one.id),
            app: overview::app_shown(visit, &one.app),
            label: one.label,
            since: one.created_at,
            used: one.last_used_at,
            until: one.expires_at,
        })
        .collect())
}

/// The one whose cookie this browser shows.
async fn this_one(visit: &Visit) -> Result<Option<DeviceId>, Failure> {
    let Some(cookie) = DeviceCookie::of(&visit.headers, visit.arrival.secure) else {
        return Ok(None);
    };
    let store = &visit.gateway.store;
    let found = store.device_find(&cookie.selector, &cookie.hash()).await?;
    Ok(found.map(|found| found.on_file().id))
}
