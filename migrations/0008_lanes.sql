-- Where mail waits. A lane is what decides about a waiting delivery: its stream, the domain in its From, who receives for its recipient, and
-- the finer conditions of rules that it fulfils. The rules themselves are read when a lane is served, never when mail comes in: changing
-- them, a route or its weight applies at once to everything that is queued, and moves no row.

create table lane (
  workspace_id uuid   not null references workspace on delete cascade,
  id           bigint not null generated always as identity,
  stream       text   not null constraint lane_stream_is_known check (stream in ('transactional', 'conversation', 'bulk')),
  from_domain  text   not null,
  receiver     text,                                        -- a receiver known by name, or 'other'; null: not looked up yet
  fine         uuid[] not null default '{}',                -- rules whose conditions on tag, size or recipient domain are fulfilled
  sorted_by    int    not null default 0,                   -- the version of those conditions that `fine` was made from
  via_route    uuid,                                        -- the one route that a person chose
  primary key (workspace_id, id),
  constraint lane_id_is_unique unique (id),
  constraint lane_is_one_of_its_kind unique nulls not distinct (workspace_id, stream, from_domain, receiver, fine, sorted_by, via_route)
);
call protect_workspace('lane', 'select, insert, update');

-- The lane of these facts, made when it is new; also when another transaction makes it at the same moment.
create function lane_of(in_workspace uuid, in_stream text, in_from text, in_receiver text, in_fine uuid[], in_sorted_by int, in_via uuid) returns bigint
language plpgsql as $$
declare
  found_id bigint;
begin
  select id into found_id from lane
   where workspace_id = in_workspace and stream = in_stream and from_domain = in_from and receiver is not distinct from in_receiver
     and fine = in_fine and sorted_by = in_sorted_by and via_route is not distinct from in_via;
  if found_id is null then
    insert into lane (workspace_id, stream, from_domain, receiver, fine, sorted_by, via_route)
    values (in_workspace, in_stream, in_from, in_receiver, in_fine, in_sorted_by, in_via)
    on conflict on constraint lane_is_one_of_its_kind do update set stream = excluded.stream
    returning id into found_id;
  end if;
  return found_id;
end $$;

alter table message add column from_domain text not null default '';
update message set from_domain = lower(coalesce(substring(sender from '@([^@>\s]+)>?\s*$'), ''));

-- Only what is alive has a lane from before; what was settled earlier tells its route and recipient.
alter table delivery add column lane_id bigint;
update delivery as d
   set lane_id = lane_of(d.workspace_id, d.stream, m.from_domain, null, '{}', 0, d.via_route)
  from message as m
 where m.workspace_id = d.workspace_id and m.id = d.message_id and d.state in ('queued', 'sending', 'held', 'unknown');
alter table delivery add constraint delivery_alive_has_a_lane check (state not in ('queued', 'sending', 'held', 'unknown') or lane_id is not null);
drop index delivery_due;
drop index delivery_due_via;
alter table delivery drop column via_route;
create index delivery_due on delivery (lane_id, due_at, id) where state = 'queued';

alter table route drop constraint route_kind_is_known;
alter table route add constraint route_kind_is_known check (kind in ('smtp', 'mx', 'ses', 'scaleway', 'sandbox'));

-- Which way mail takes: the first enabled rule, by position, whose conditions all hold; without one, the workspace's default route.
create table route_rule (
  workspace_id uuid        not null references workspace on delete cascade,
  id           uuid        not null,
  position     int         not null,
  name         text        not null constraint route_rule_name_has_1_to_100_characters check (length(name) between 1 and 100),
  enabled      boolean     not null default true,
  conditions   jsonb       not null,
  targets      jsonb       not null,                        -- [{route_id, weight}]; weight 0: only when none of the others can take it
  trip         jsonb,                                       -- when a route is left alone for one receiver
  created_at   timestamptz not null,
  updated_at   timestamptz not null,
  primary key (workspace_id, id)
);
call protect_workspace('route_rule');

-- Grows when a condition on tag, size or recipient domain changes: lanes sorted by an older one are sorted anew before they are served.
create table rule_version (
  workspace_id uuid primary key references workspace on delete cascade,
  fine_version int  not null default 0
);
call protect_workspace('rule_version');

-- What a route has shown of itself towards one receiver. The circuit is as that of a route; the window counts towards a rule's trip.
create table route_receiver (
  workspace_id      uuid        not null references workspace on delete cascade,
  route_id          uuid        not null,
  receiver          text        not null,
  circuit           text        not null default 'closed' constraint route_receiver_circuit_is_known check (circuit in ('closed', 'open', 'probing')),
  circuit_reason    jsonb,
  circuit_since     timestamptz,
  circuit_until     timestamptz,
  circuit_failures  int         not null default 0,
  probe_owner       uuid,
  probe_expires_at  timestamptz,
  window_started_at timestamptz,
  window_attempts   int         not null default 0,
  window_failures   int         not null default 0,
  primary key (workspace_id, route_id, receiver),
  constraint route_receiver_circuit_explains_itself check ((circuit = 'closed') = (circuit_reason is null)),
  constraint route_receiver_open_circuit_has_an_end check ((circuit = 'closed') = (circuit_until is null)),
  constraint route_receiver_probe_has_an_owner      check ((circuit = 'probing') = (probe_owner is not null) and (probe_owner is null) = (probe_expires_at is null))
) with (fillfactor = 50);
call protect_workspace('route_receiver');

-- How fast mail may leave: `amount` in each `per`, evenly (GCRA). `next_at` is when the next one is due if everything leaves on time; all
-- processes take from the same row.
create table pace (
  workspace_id uuid        not null references workspace on delete cascade,
  id           uuid        not null,
  scope        text        not null constraint pace_scope_is_known check (scope in ('workspace', 'route', 'from_domain', 'receiver')),
  subject      text        not null default '',             -- route id, domain or receiver; '' for the workspace
  route_id     uuid,                                        -- of a receiver: on this route only
  per          text        not null constraint pace_per_is_known check (per in ('second', 'minute', 'hour', 'day')),
  amount       int         not null constraint pace_amount_is_positive check (amount between 1 and 100000000),
  next_at      timestamptz,
  created_at   timestamptz not null,
  updated_at   timestamptz not null,
  primary key (workspace_id, id),
  constraint pace_says_its_subject check ((scope = 'workspace') = (subject = '')),
  constraint pace_route_is_of_a_receiver check (route_id is null or scope = 'receiver'),
  constraint pace_is_one_of_its_kind unique nulls not distinct (workspace_id, scope, subject, route_id, per)
) with (fillfactor = 50);
call protect_workspace('pace');

-- A new route earns its reputation slowly: so many a day, growing; what is over goes another way.
create table warm_up (
  workspace_id uuid        not null references workspace on delete cascade,
  route_id     uuid        not null,
  receiver     text        not null default '',             -- '' for all receivers together
  daily_caps   int[]       not null constraint warm_up_has_days check (cardinality(daily_caps) between 1 and 120),
  started_on   date        not null,
  frozen_days  int         not null default 0,              -- days on which the curve did not rise, because receivers complained
  frozen_on    date,
  day          date        not null,
  used         int         not null default 0,
  primary key (workspace_id, route_id, receiver)
) with (fillfactor = 50);
call protect_workspace('warm_up');

-- What a provider calls a mail that it took: its news later names it so.
create table provider_message (
  workspace_id    uuid        not null references workspace on delete cascade,
  route_id        uuid        not null,
  provider_id     text        not null,
  delivery_id     uuid        not null,
  message_id      uuid        not null,
  wire_message_id text,                                     -- the Message-ID that the recipient sees, where the provider replaced ours
  created_at      timestamptz not null,
  primary key (workspace_id, route_id, provider_id, delivery_id)
);
create index provider_message_by_wire_id on provider_message (workspace_id, wire_message_id) where wire_message_id is not null;
create index provider_message_by_delivery on provider_message (workspace_id, delivery_id);
call protect_workspace('provider_message', 'select, insert');
