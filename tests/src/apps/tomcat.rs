//! Tomcat 10 from Debian with its examples: container form login, ids in URLs, a WebSocket echo.
//! Never touches the packaged instance: everything it writes is in a CATALINA_BASE of our own.
//! The login form stands in place of the page; posting it without having seen the page is a 408.

use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::OnceLock;

use super::keeper::{Kept, Workplace};
use super::{App, Missing, all_present, copy_tree, program};
use crate::ports::free_port;

pub const USER: &str = "registrar";
pub const PASSWORD: &str = "Intake-6630-Zoo";
/// Somebody else with the same rights.
pub const OTHER: &str = "porter";
pub const OTHER_PASSWORD: &str = "Trolley-5512-Zoo";
pub const PAGE: &str = "/examples/jsp/security/protected/index.jsp";
/// Stands on `PAGE`, and nowhere without a login.
pub const MARKER: &str = "You are logged in as remote user";
pub const WRONG: &str = "Invalid user name and/or password";
pub const ECHO_SOCKET: &str = "/examples/websocket/echoProgrammatic";

const HOME: &str = "/usr/share/tomcat10";
const EXAMPLES: &str = "/usr/share/tomcat10-examples/examples";
const MISSING: Missing = Missing {
    app: "Tomcat",
    packages: &["tomcat10", "tomcat10-examples"],
};

/// The one instance that all tests of this process share.
pub fn start() -> Result<&'static App, Missing> {
    static APP: OnceLock<Result<App, Missing>> = OnceLock::new();
    APP.get_or_init(start_own).as_ref().map_err(Clone::clone)
}

pub fn start_own() -> Result<App, Missing> {
    if !all_present(&["/usr/share/tomcat10/bin/catalina.sh", EXAMPLES]) || program("java").is_none()
    {
        return Err(MISSING);
    }
    let mut told = String::new();
    for _ in 0..3 {
        let addr = SocketAddr::from(([127, 0, 0, 1], free_port()));
        let kept = launch(addr);
        match kept.wait_for_http(addr, "/examples/") {
            Ok(()) => {
                return Ok(App {
                    name: "tomcat",
                    addr,
                    kept,
                });
            }
            Err(why) => told = why,
        }
    }
    panic!("Tomcat is installed but does not start: {told}")
}

fn launch(addr: SocketAddr) -> Kept {
    let place = Workplace::new("tomcat");
    for folder in ["logs", "temp", "work", "webapps"] {
        place.folder(folder);
    }
    copy_tree(&Path::new(HOME).join("etc"), &place.folder("conf"));
    place.file("conf/server.xml", server(addr));
    place.file("conf/tomcat-users.xml", people());
    place.file("conf/Catalina/localhost/examples.xml", context());
    place.give_to("tomcat");
    let base = place.path().as_os_str().to_owned();
    let mut temp = base.clone();
    temp.push("/temp");
    let command: Vec<OsString> = vec![
        "sh".into(),
        format!("{HOME}/bin/catalina.sh").into(),
        "run".into(),
    ];
    let environment = [
        ("CATALINA_HOME", HOME.as_ref()),
        ("CATALINA_BASE", base.as_os_str()),
        ("CATALINA_TMPDIR", temp.as_os_str()),
        // Less to compile and to collect: it starts sooner on a small machine.
        (
            "JAVA_OPTS",
            "-Xmx256m -XX:TieredStopAtLevel=1 -Djava.awt.headless=true".as_ref(),
        ),
    ];
    Kept::start(place, Some("tomcat"), &command, &environment)
}

fn server(addr: SocketAddr) -> String {
    let (ip, port) = (addr.ip(), addr.port());
    format!(
        r#"<Server port="-1" shutdown="SHUTDOWN">
  <GlobalNamingResources>
    <Resource name="People" auth="Container" type="org.apache.catalina.UserDatabase"
      factory="org.apache.catalina.users.MemoryUserDatabaseFactory"
      pathname="conf/tomcat-users.xml"/>
  </GlobalNamingResources>
  <Service name="Catalina">
    <Connector address="{ip}" port="{port}" protocol="HTTP/1.1" connectionTimeout="20000"/>
    <Engine name="Catalina" defaultHost="localhost">
      <Realm className="org.apache.catalina.realm.UserDatabaseRealm" resourceName="People"/>
      <Host name="localhost" appBase="webapps" autoDeploy="false"/>
    </Engine>
  </Service>
</Server>
"#
    )
}

fn people() -> String {
    format!(
        r#"<tomcat-users xmlns="http://tomcat.apache.org/xml" version="1.0">
  <role rolename="tomcat"/><role rolename="role1"/>
  <user username="{USER}" password="{PASSWORD}" roles="tomcat,role1"/>
  <user username="{OTHER}" password="{OTHER_PASSWORD}" roles="tomcat"/>
</tomcat-users>
"#
    )
}

/// The examples' own context (loopback only, SameSite=Strict) with a place to find them.
fn context() -> String {
    let own = std::fs::read_to_string(Path::new(EXAMPLES).join("META-INF/context.xml"));
    let own = own.unwrap_or_else(|_| "<Context/>".to_owned());
    own.replacen("<Context", &format!("<Context docBase=\"{EXAMPLES}\""), 1)
}
