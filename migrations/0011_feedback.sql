-- What is heard of mail after the next hop took it: bounces and complaints that come as mail, and the events of providers. It is written down
-- as it came before anything is made of it; a worker makes news of it later, and can do so again.

-- `events` counts the pieces of news in it. Headers and body are kept for a week, to look at and to read again; the row itself for longer,
-- so that a repetition is known as one.
create table feedback (
  workspace_id uuid        not null references workspace on delete cascade,
  id           uuid        not null,
  source       text        not null constraint feedback_source_is_known check (source in ('dsn', 'arf', 'ses', 'scaleway')),
  route_id     uuid,                                      -- the route whose provider tells it; mail tells it of any
  received_at  timestamptz not null,
  happened_at  timestamptz,                               -- when it happened, by the words of who tells it
  dedupe_key   text        not null,
  headers      jsonb       not null default '{}',         -- of the request, or the envelope of the mail
  body         bytea,
  size_bytes   int         not null,
  state        text        not null constraint feedback_state_is_known check (state in ('received', 'parked', 'applied', 'ignored', 'unmatched', 'failed')),
  reason       text,
  tries        int         not null default 0,
  due_at       timestamptz,
  parked_until timestamptz,
  applied_at   timestamptz,
  events       int         not null default 0,
  primary key (workspace_id, id),
  constraint feedback_is_stored_once unique (workspace_id, source, dedupe_key),
  constraint feedback_due_until_it_is_settled    check ((state in ('received', 'parked')) = (due_at is not null)),
  constraint feedback_parked_has_an_end          check (state <> 'parked' or parked_until is not null),
  constraint feedback_not_applied_explains_itself check (state in ('received', 'applied') or reason is not null)
) with (fillfactor = 80);
create index feedback_due      on feedback (due_at) where state in ('received', 'parked');
create index feedback_of_route on feedback (workspace_id, route_id, id) where route_id is not null;
create index feedback_unwell   on feedback (workspace_id, state, id) where state in ('parked', 'unmatched', 'failed');
create index feedback_by_age   on feedback (received_at);
create index feedback_kept     on feedback (received_at) where body is not null;

-- Every piece of news by its key, once for each delivery: whatever is told again, in whatever order, is known already.
create table delivery_news (
  workspace_id uuid        not null references workspace on delete cascade,
  delivery_id  uuid        not null,
  key          bytea       not null,                      -- the first 16 bytes of a hash over source and the teller's own name of the event
  kind         text        not null constraint delivery_news_kind_is_known check (kind in ('delivered', 'relayed', 'delayed', 'bounced', 'complained')),
  source       text        not null,
  heard_at     timestamptz not null,
  feedback_id  uuid,
  primary key (workspace_id, delivery_id, key)
);
create index delivery_news_of_feedback on delivery_news (workspace_id, feedback_id) where feedback_id is not null;

-- Where a route's provider tells its news to. The secret in the address is made from WAYBILL_SECRET and the generation: a new generation is a
-- new address. The cursor is of the polling beside it.
create table feedback_inlet (
  workspace_id     uuid        not null references workspace on delete cascade,
  route_id         uuid        not null,
  generation       int         not null default 1,
  last_received_at timestamptz,                           -- the latest request, believed or not
  last_believed_at timestamptz,                           -- the latest that proved to be the provider's
  seen_topic       text,                                  -- a topic that asked to be confirmed, or sent something, and is not the route's
  confirmed_at     timestamptz,                           -- when we confirmed the subscription
  polled_at        timestamptz,
  poll_cursor      timestamptz,
  poll_error       text,
  primary key (workspace_id, route_id)
);

call protect_workspace('feedback', 'select, update');
call protect_workspace('delivery_news', 'select, insert');
call protect_workspace('feedback_inlet');
