-- Watching from outside: mailboxes that are read by IMAP, canaries that are sent to them through each route and looked for there, and what
-- others say of the addresses and names that mail leaves with.

-- A mailbox of ours somewhere else. The password is sealed for its row and never read back.
create table mailbox (
  workspace_id  uuid        not null references workspace on delete cascade,
  id            uuid        not null,
  name          text        not null constraint mailbox_name_has_1_to_100_characters check (length(name) between 1 and 100),
  address       text        not null,                       -- where mail for it goes to
  host          text        not null,
  port          int         not null constraint mailbox_port_is_a_port check (port between 1 and 65535),
  security      text        not null constraint mailbox_security_is_known check (security in ('tls', 'starttls', 'none')),
  username      text        not null,
  secret        bytea       not null,
  allow_private boolean     not null default false,
  state         text        not null default 'untried' constraint mailbox_state_is_known check (state in ('untried', 'working', 'failing')),
  problem       jsonb,                                      -- {cause, sentence, hint}: why it cannot be read
  state_since   timestamptz not null,
  last_seen_at  timestamptz,                                -- when it was last read to the end
  failures      int         not null default 0,             -- in a row
  created_at    timestamptz not null,
  updated_at    timestamptz not null,
  primary key (workspace_id, id),
  constraint mailbox_failing_says_why check ((state = 'failing') = (problem is not null))
);
create unique index mailbox_name_is_unique on mailbox (workspace_id, lower(name));

-- How far a folder of a mailbox has been read. UIDs grow while UIDVALIDITY stays (RFC 9051 §2.3.1.1); when it changes, reading begins anew.
create table mailbox_folder (
  workspace_id uuid        not null,
  mailbox_id   uuid        not null,
  path         text        not null,
  uid_validity bigint      not null,
  last_uid     bigint      not null,
  updated_at   timestamptz not null,
  primary key (workspace_id, mailbox_id, path),
  foreign key (workspace_id, mailbox_id) references mailbox on delete cascade
);

-- A canary stands for a receiver: real messages go to its mailbox through each of its routes, and are looked for there.
create table canary (
  workspace_id uuid        not null references workspace on delete cascade,
  id           uuid        not null,
  name         text        not null constraint canary_name_has_1_to_100_characters check (length(name) between 1 and 100),
  kind         text        not null constraint canary_kind_is_known check (kind in ('imap', 'loopback')),
  mailbox_id   uuid,
  receiver     text        not null,
  sender       text        not null,
  route_ids    uuid[]      not null constraint canary_has_1_to_20_routes check (cardinality(route_ids) between 1 and 20),
  interval_ms  int         not null constraint canary_interval_is_1_minute_to_1_day check (interval_ms between 60000 and 86400000),
  timeout_ms   int         not null constraint canary_timeout_is_1_minute_to_1_day check (timeout_ms between 60000 and 86400000),
  enabled      boolean     not null default true,
  next_at      timestamptz not null,
  created_at   timestamptz not null,
  updated_at   timestamptz not null,
  primary key (workspace_id, id),
  foreign key (workspace_id, mailbox_id) references mailbox,
  constraint canary_reads_a_mailbox check ((kind = 'imap') = (mailbox_id is not null))
);
create index canary_due on canary (next_at) where enabled;

-- One probe. `sent` waits to be seen; the others are its end, but that a missing one may still arrive late.
create table canary_run (
  workspace_id uuid        not null,
  id           uuid        not null,
  canary_id    uuid        not null,
  route_id     uuid        not null,
  token        text        not null,                        -- in the mail's header and subject; nobody can guess it
  message_id   uuid        not null,
  delivery_id  uuid        not null,
  sent_at      timestamptz not null,
  give_up_at   timestamptz not null,
  state        text        not null default 'sent' constraint canary_run_state_is_known check (state in ('sent', 'arrived', 'missing', 'unread')),
  ended_at     timestamptz,
  folder       text        constraint canary_run_folder_is_known check (folder in ('inbox', 'junk')),
  took_ms      bigint,
  results      jsonb,                                       -- what the receiver says of SPF, DKIM, DMARC and TLS
  reason       text,                                        -- why it is missing or could not be looked for
  primary key (workspace_id, id),
  foreign key (workspace_id, canary_id) references canary on delete cascade,
  constraint canary_run_ends_once            check ((state = 'sent') = (ended_at is null)),
  constraint canary_run_arrives_in_a_folder  check ((state = 'arrived') = (folder is not null) and (folder is null) = (took_ms is null)),
  constraint canary_run_explains_its_absence check ((state in ('missing', 'unread')) = (reason is not null))
);
create index canary_run_by_canary on canary_run (workspace_id, canary_id, route_id, id);
create index canary_run_open on canary_run (give_up_at) where state = 'sent';
create index canary_run_by_time on canary_run (sent_at);

-- What is known of an address, a domain or a provider's account at one look. One row a subject and check: the latest; the history beside it.
create table reputation (
  workspace_id uuid        not null references workspace on delete cascade,
  subject_kind text        not null constraint reputation_subject_is_known check (subject_kind in ('address', 'domain', 'route', 'receiver')),
  subject      text        not null,
  check_id     text        not null,                        -- 'reverse_dns', 'blocklist:zen.spamhaus.org', 'provider', 'complaints'
  route_id     uuid,                                        -- the route that leaves from here; null where several do
  state        text        not null constraint reputation_state_is_known check (state in ('good', 'warning', 'bad', 'unknown')),
  sentence     text        not null,
  hint         text        not null default '',
  evidence     jsonb       not null default '{}',
  since        timestamptz not null,                        -- in this state
  checked_at   timestamptz not null,
  primary key (workspace_id, subject_kind, subject, check_id)
);
create table reputation_change (
  workspace_id uuid        not null references workspace on delete cascade,
  id           uuid        not null,
  subject_kind text        not null,
  subject      text        not null,
  check_id     text        not null,
  state        text        not null,
  sentence     text        not null,
  at           timestamptz not null,
  primary key (workspace_id, id)
);
create index reputation_change_by_time on reputation_change (at);

call protect_workspace('mailbox');
call protect_workspace('mailbox_folder', 'select');
call protect_workspace('canary');
call protect_workspace('canary_run', 'select, insert, update');
call protect_workspace('reputation', 'select');
call protect_workspace('reputation_change', 'select');
