//! What `--help` adds below the options: what to know first, and examples to copy.
//!
//! Words only; the options themselves are explained where they stand, in `command`.

pub(super) const EXAMPLES: &str = "\
First look:       anteroom demo
Before going on:  anteroom check --config /etc/anteroom/anteroom.toml
In production:    anteroom serve --config /etc/anteroom/anteroom.toml
At the helpdesk:  anteroom subscriber show alice
                  anteroom enrol-code alice

Exit codes: 0 done, 1 tried and failed, 2 the command or the configuration is not right.";

pub(super) const SERVE: &str = "\
Signals:  SIGHUP reads the certificate files again; a bad file changes nothing and is logged.
          SIGTERM or Ctrl-C stops; running requests may finish for a few seconds.
The log goes to standard error. Only an Anteroom of its own may have the listening addresses.

Example:  anteroom serve --config /etc/anteroom/anteroom.toml";

pub(super) const DEMO: &str = "\
Nothing is installed and nothing leaves this machine. State is kept in --dir, so that a phone that
was enrolled yesterday still works today.

Examples:  anteroom demo
           anteroom demo --port 9000 --fresh";

pub(super) const CHECK: &str = "\
Changes nothing and sends no password. It asks the app for its login page, for the home page and
for the probe, as an anonymous visitor would, so it shows in the app's own log.

Examples:  anteroom check --config anteroom.toml
           anteroom check --config anteroom.toml --page /patients --page '/report.php?id=1'
           anteroom check --config anteroom.toml --json | jq -r .verdict

Exit codes: 0 nothing FAILs, 1 something does, 2 the configuration has mistakes (all are listed).";

pub(super) const ENROL_CODE: &str = "\
The code is shown once and kept nowhere. A new one makes the older one void. Hand it over in person
or on a number that you know; a mail would end in the mailbox that the thief may read already.

Examples:  anteroom enrol-code alice
           anteroom enrol-code 'Mary Ann' --app charts --hours 4";

pub(super) const SUBSCRIBER: &str = "\
A subscriber is a person as Anteroom knows her: by the name she signs in with. Everything here is
written to the audit log with your name, and works while the gateway runs.

Examples:  anteroom subscriber list
           anteroom subscriber show alice
           anteroom subscriber reset alice --reason 'lost phone' \
                    --identity-check 'called back on 0101'
           anteroom subscriber merge a.chen a.moreau --reason 'married'
           anteroom subscriber unlock alice
           anteroom subscriber temporary-code alice --hours 10 --reason 'phone at home, called back'
           anteroom subscriber link alice Alice.Moreau";

pub(super) const MAIL: &str = "\
Mail is queued and sent by `anteroom serve`; no sign-in waits for it. status ends with exit code 1
when nothing goes out, so that a monitor can ask.

Examples:  anteroom mail test --to it@clinic.test
           anteroom mail test --to it@clinic.test --language fr
           anteroom mail status
           anteroom subscriber address add alice alice@clinic.test --reason 'called back'
           anteroom subscriber import staff.csv --reason 'list of the personnel office'";

pub(super) const TOKEN: &str = "\
A maker's file holds the secrets of its tokens. It is read once; they are sealed in the store. Bad
lines are named by number, and then nothing is taken. SHA-1 only, 6 or 8 digits, 30 or 60 seconds or
a button. Who is given a token and has no second factor needs no enrolment code.

Examples:  anteroom token import tokens.csv --dry-run
           anteroom token import tokens.xml
           anteroom token list --state free
           anteroom token assign 2308471 alice --reason 'no phone' --identity-check 'staff card'
           anteroom token resync 2308471 482913 077250
           anteroom token revoke 2308471 --reason lost";

pub(super) const EMERGENCY: &str = "\
For the day on which phones do not work. A code from a sealed envelope lets one enrolled person in
once. An exception lets everybody known at one app in with a password alone until it ends; people
whom nobody knows still enrol, and whoever is suspended stays out. All of it is audited, with both
names, and every page of Anteroom for that app says that it is open.

Examples:  anteroom emergency print-codes charts --count 20 --reason 'safe of ward 4'
           anteroom emergency codes charts
           anteroom emergency open charts --minutes 60 --second maria --reason 'phone network down'
           anteroom emergency close charts";

pub(super) const OPERATOR: &str = "\
Operators sign in to the admin app with a password and an authenticator app. An owner runs the
place, a helpdesk helps people, an auditor reads. There is no default account: the first owner is
made here.

Examples:  anteroom operator create olga --role owner
           anteroom operator list
           anteroom operator reset olga --reason 'lost phone, staff card seen'";

pub(super) const ADMIN: &str = "\
The gateway may run or not; what is done here takes effect there within two seconds. When the two
run apart, the gateway's own configuration has no [admin] section, or it would serve it as well.

Example:  anteroom admin serve --config /etc/anteroom/admin.toml";

pub(super) const SIGN_OUT: &str = "\
Running pages and WebSockets end within two seconds. Unfinished sign-ins are thrown away too, which
also helps somebody who is told that there are too many of them.

Examples:  anteroom subscriber sign-out alice
           anteroom subscriber sign-out --everybody";

pub(super) const RESEAL: &str = "\
Run it after the gateway was restarted with a new line on top of the key file. An older line may
leave the file when this command has named it; an enrolment code that is still open keeps the key
needed under which it was issued, so another run days later may name more.

Example:  anteroom keys new        (put the line on top of the key file, restart)
          anteroom keys reseal     (take the lines out that it names, restart)";

pub(super) const AUDIT: &str = "\
Every row's hash covers the row before it, and the newest one is kept under a key, so that nobody
can change, remove or add a row unseen. A head that is kept on another machine proves in addition
that nobody has put an older copy of the whole file back.

Examples:  anteroom audit tail -n 50
           anteroom audit tail --follow --json
           anteroom audit head > head-of-today.txt
           anteroom audit verify --head head-of-today.txt
           anteroom audit search --person alice --from '7 d'
           anteroom audit search --kind subscriber_reset --by olga
           anteroom audit report resets --from '1 y' > resets.csv";

pub(super) const AUDIT_EXPORT: &str = "\
The export itself is written to the log first, with your name. In CSV a cell that begins like a
formula gets an apostrophe in front; --format jsonl holds the text as it is.

Examples:  anteroom audit export --from 2031-01-01 --until 2032-01-01 > 2031.csv
           anteroom audit export --format jsonl --kind operator_refused";

pub(super) const AUDIT_PRUNE: &str = "\
Rows are checked before they go; one that was tampered with stays and stops the command. The log
verifies from the first kept row on, and holds a row that says which ones left. 45 CFR 164.316 asks
for six years.

Examples:  anteroom audit prune --older-than '6 y'
           anteroom audit prune --older-than 2025-01-01 --yes";
