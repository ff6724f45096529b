-- Telling other programs what happened. A follower of the log makes one row an event and endpoint, in the transaction of its cursor; a loop
-- leases the rows and sends them. What was sent and what was answered is kept for ten days.

-- Telling a time in the log without an index that every event would pay for: events come almost in the order of time.
create index event_by_time on event using brin (at);

create table webhook_endpoint (
  workspace_id       uuid        not null references workspace on delete cascade,
  id                 uuid        not null,
  url                text        not null,
  description        text        not null default '',
  event_types        text[]      not null default '{}',      -- 'delivery.bounced', 'delivery.*'; none: all
  streams            text[]      not null default '{}',      -- of events about mail: these only; none: all
  tags               text[]      not null default '{}',      -- of events about mail: with one of these; none: all
  ordered            boolean     not null default false,     -- what concerns one message goes out in its order, one after another
  allow_private      boolean     not null default false,
  state              text        not null constraint webhook_endpoint_state_is_known check (state in ('enabled', 'disabled')),
  disabled_why       text        constraint webhook_endpoint_reason_is_known check (disabled_why in ('by_hand', 'gone', 'failing')),
  disabled_at        timestamptz,
  secret             bytea       not null,                   -- sealed with WAYBILL_SECRET
  old_secret         bytea,                                  -- signs too, until it expires
  old_secret_expires_at timestamptz,
  failing_since      timestamptz,                            -- the first failure since the last success
  last_success_at    timestamptz,
  created_at         timestamptz not null,
  updated_at         timestamptz not null,
  primary key (workspace_id, id),
  constraint webhook_endpoint_disabled_for_a_reason check ((state = 'disabled') = (disabled_why is not null) and (disabled_why is null) = (disabled_at is null)),
  constraint webhook_endpoint_old_secret_expires    check ((old_secret is null) = (old_secret_expires_at is null))
);
create unique index webhook_endpoint_id_is_unique on webhook_endpoint (id);

create table webhook_delivery (
  workspace_id     uuid        not null,
  id               uuid        not null,
  endpoint_id      uuid        not null,
  event_id         text        not null,                     -- stable over every repetition: receivers drop what they have seen
  type             text        not null,
  happened_at      timestamptz not null,
  message_id       uuid,
  order_key        uuid,                                     -- the message, where the endpoint wants its order kept
  position         bigint      not null generated always as identity,
  body             text        not null,                     -- byte for byte the same at every try
  state            text        not null constraint webhook_delivery_state_is_known check (state in ('queued', 'sending', 'delivered', 'failed')),
  attempt          int         not null default 0,           -- claims, over all replays; fences late answers
  tries            smallint    not null default 0,           -- of the ladder
  due_at           timestamptz,
  lease_expires_at timestamptz,
  last_status      smallint,
  last_error       text,
  created_at       timestamptz not null,
  settled_at       timestamptz,
  primary key (workspace_id, id),
  foreign key (workspace_id, endpoint_id) references webhook_endpoint on delete cascade,
  constraint webhook_delivery_once_an_event        unique (endpoint_id, event_id),
  constraint webhook_delivery_due_only_when_queued  check ((state = 'queued') = (due_at is not null)),
  constraint webhook_delivery_lease_only_on_its_way check ((state = 'sending') = (lease_expires_at is not null)),
  constraint webhook_delivery_settled_at_the_end    check ((state in ('delivered', 'failed')) = (settled_at is not null))
) with (fillfactor = 75);
create index webhook_delivery_due     on webhook_delivery (endpoint_id, due_at, position) where state = 'queued';
create index webhook_delivery_sending on webhook_delivery (endpoint_id) where state = 'sending';
create index webhook_delivery_in_line on webhook_delivery (endpoint_id, order_key, position) where state in ('queued', 'sending') and order_key is not null;
create index webhook_delivery_log     on webhook_delivery (workspace_id, endpoint_id, id);
create index webhook_delivery_by_age  on webhook_delivery (created_at);

create table webhook_attempt (
  workspace_id        uuid        not null,
  webhook_delivery_id uuid        not null,
  attempt             int         not null,
  started_at          timestamptz not null,
  duration_ms         int         not null constraint webhook_attempt_duration_is_not_negative check (duration_ms >= 0),
  url                 text        not null,
  address             text,                                  -- where the name led to
  request_headers     jsonb       not null,
  status              smallint,
  response_headers    jsonb,
  response_body       text,
  error               text,
  primary key (workspace_id, webhook_delivery_id, attempt),
  foreign key (workspace_id, webhook_delivery_id) references webhook_delivery on delete cascade,
  constraint webhook_attempt_has_an_end check (status is not null or error is not null)
);

call protect_workspace('webhook_endpoint');
call protect_workspace('webhook_delivery');
call protect_workspace('webhook_attempt', 'select, delete');
