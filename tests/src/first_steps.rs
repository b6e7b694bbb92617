//! How an honest person begins her set-up: where there is a choice of ways she presses the link of
//! the one that she has.
//!
//! Types nothing and proves nothing; a page without a choice is left as it is.

use crate::browser::Browser;
use crate::browser::page::Page;

/// The page that offers the ways.
pub const CHOICE: &str = "/.anteroom/enrol/method";

impl Browser {
    /// Takes the app on her phone, where there are other ways as well.
    pub async fn take_phone(&mut self) -> Page {
        if self.page().path() == CHOICE {
            self.click("Authenticator app").await;
            self.follow_all().await;
        }
        self.page().clone()
    }
}
