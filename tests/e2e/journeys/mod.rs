//! Journeys: what people do, from the first password to the last logout, through real sockets.
//! Each file is one story with named actors; the app's own record proves what reached it.

mod sign_in;
