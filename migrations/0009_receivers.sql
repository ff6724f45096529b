-- Who receives mail for a domain. Forty thousand domains share the gates of a few large receivers: limits, circuits and figures are theirs.

-- What the DNS said about a recipient's domain, for all workspaces alike: nothing here is anybody's secret, and asking twice helps nobody.
create table recipient_domain (
  domain        text        primary key,                    -- lower case, A-labels
  receiver      text        not null,                       -- a known name, or the registrable domain of its mail servers
  lane_receiver text        not null,                       -- a known name, or 'other'
  mx_hosts      jsonb       not null default '[]',          -- [{host, preference}]
  null_mx       boolean     not null default false,         -- RFC 7505: the domain says that it takes no mail
  resolved_at   timestamptz not null,
  expires_at    timestamptz not null,
  trouble       text        constraint recipient_domain_trouble_is_known check (trouble in ('nxdomain', 'nodata', 'servfail', 'timeout')),
  constraint recipient_domain_expires_later check (expires_at > resolved_at)
);
create index recipient_domain_expired on recipient_domain (expires_at);
grant select on recipient_domain to waybill_api;

-- How hard a direct route may knock at one receiver, where that is not what we begin with: what a person set, and what its answers taught us.
create table receiver_limit (
  workspace_id                 uuid        not null,
  route_id                     uuid        not null,
  receiver                     text        not null constraint receiver_limit_receiver_is_short check (length(receiver) between 1 and 255),
  set_connections              int         constraint receiver_limit_set_connections_is_sane check (set_connections between 1 and 100),
  set_messages                 int         constraint receiver_limit_set_messages_is_sane check (set_messages between 1 and 10000),
  set_at                       timestamptz,
  learned_connections          int         constraint receiver_limit_learned_connections_is_sane check (learned_connections between 1 and 100),
  learned_messages             int         constraint receiver_limit_learned_messages_is_sane check (learned_messages between 1 and 10000),
  learned_at                   timestamptz,
  learned_why                  text        constraint receiver_limit_learned_why_is_short check (length(learned_why) <= 1000),
  primary key (workspace_id, route_id, receiver),
  foreign key (workspace_id, route_id) references route on delete cascade,
  constraint receiver_limit_says_when_it_was_set     check ((set_at is null) = (set_connections is null and set_messages is null)),
  constraint receiver_limit_says_when_it_was_learned check ((learned_at is null) = (learned_connections is null and learned_messages is null)),
  constraint receiver_limit_says_why_it_was_learned  check ((learned_at is null) = (learned_why is null))
);
call protect_workspace('receiver_limit');

-- MTA-STS (RFC 8461): what a domain demands of whoever delivers to it. Kept beyond a restart, because a policy that was seen once must hold
-- for its whole life, also while somebody keeps us from seeing it again.
create table mta_sts_policy (
  domain       text        primary key,
  id           text        not null,                         -- of the TXT record that announced it
  mode         text        not null constraint mta_sts_policy_mode_is_known check (mode in ('enforce', 'testing', 'none')),
  mx           text[]      not null,
  fetched_at   timestamptz not null,
  expires_at   timestamptz not null,
  constraint mta_sts_policy_expires_later check (expires_at >= fetched_at)
);
create index mta_sts_policy_expired on mta_sts_policy (expires_at);
