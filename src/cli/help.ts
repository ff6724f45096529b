/** What stands below the options of each command: when to use it, what to know, and lines that can be typed as they are. */
export const HELP = {
  waybill: `
Settings come from the environment (WAYBILL_PORT, WAYBILL_SMTP_URL, DATABASE_URL …); the README lists them all.

Begin with:
  waybill start                                               the server; its address is printed
  waybill doctor smtp://user:password@mail.example.com:587    look at a mail server before using it
  waybill doctor domain example.org                           look at a domain that mail is sent from
  waybill send --from me@example.com --to ann@example.org --subject Hello --text "Hi Ann"`,

  start: `
Its settings are environment variables. The first to know, of those in the README:
  WAYBILL_PORT       8025 unless set; the whole address is printed when it is up
  WAYBILL_DATA_DIR   where the database, large attachments and the secret are; ./data unless set
  WAYBILL_SMTP_URL   the first way out, smtp://user:password@mail.example.com:587; without it mail is kept in the sandbox
  DATABASE_URL       a PostgreSQL of yours, in the place of the one that is started here

Ctrl-C finishes what is in flight, for ten seconds at most, and stops. It may be killed at any moment: the next start goes on from there.`,

  migrate: `
Every start does this by itself. Call it to have it done beforehand, while the servers are stopped for an upgrade.
There is no way back to an older version but a backup: make one first.
  waybill backup /backups/before-the-upgrade
  waybill migrate`,

  doctor: `
No mail is sent: the trial ends before the message. The exit code is 1 when mail cannot leave this way.
Without a port it is 587 with STARTTLS; say ?security=tls for encryption from the first byte, ?security=none for none at all.
Special characters in the user name or password are percent-encoded (@ is %40):
  waybill doctor "smtp://user%40example.com:pass%2Fword@mail.example.com:587?security=starttls"
  waybill doctor smtps://mail.example.com --from me@example.com --to ann@example.org`,

  doctorDomain: `
Nothing is sent, no server is needed, and the domain need not be one that Waybill looks after. Fourteen checks, each with what was
found, why it matters and the record to publish. The exit code is 1 when one of them failed.
  waybill doctor domain example.org
  waybill doctor domain example.org --selector s1 --relay smtp.example.net
  waybill doctor domain example.org --ip 192.0.2.25 --json`,

  send: `
The message is stored first; a server that is running (or the next that starts) sends it. Its id goes to standard output,
what becomes of each recipient to the error stream. The exit code is 1 when a recipient did not get it.
  waybill send --from me@example.com --to ann@example.org --to bob@example.org --subject Hello < letter.txt
  waybill send --file mail.eml --to ann@example.org --wait 60`,

  importContacts: `
Every row is looked at before anybody is written; what cannot be read is named with its line and the reason. The import's id goes to
standard output: in the console, under Contacts, its rows are listed and it can be undone.
  waybill import contacts members.csv --consent "Asked for it at the fair" --list newsletter --dry-run
  waybill import contacts export.zip --consent "Subscribed at our old tool" --confirmed --tag "Old tool"`,

  inspect: `
Needs no server and no database. Each line has the file, its kind (bounce, delay, complaint, automatic or message) and, for each
recipient it speaks of, the address, the action, the status, the class of failure (docs/delivery.md has them all), and whether the
address is dead for good ("hard"). A file that cannot be read has an "error" instead, and the exit code is then 1.
  waybill inspect bounces/*.eml > read.jsonl
  waybill inspect - < mail.eml`,

  backup: `
Mail goes on meanwhile. The folder holds mail, and the secret that opens stored passwords unless it is set with WAYBILL_SECRET:
keep it as safe as the server. Nothing is ever written over.
  waybill backup /backups/monday`,

  restore: `
Each file is compared with its hash; of a damaged backup nothing is restored. What was due when the copy was made may have been
sent since: it is held, with that reason, until somebody releases it. What is scheduled for later stays scheduled.
  WAYBILL_DATA_DIR=/srv/new waybill restore /backups/monday
  WAYBILL_DATA_DIR=/srv/new waybill start`,

  console: `
It knows store, db, sql, workspace, reading, routes, acts, suppression and invariants(), and waits for promises:
  await reading.listDeliveries(db, workspace.id, { states: ['held'] }, { after: null, limit: 20 }, store.clock.now())
Lines can be piped in:
  echo "await invariants()" | waybill console`,
} as const
