-- Many messages as one: a mailing is paused, paced and cancelled in one row, and no row of a delivery is moved by it. Its mail waits in lanes of
-- its own; what a lane's mailing says is looked at when the lane is served, and once more in the statement that takes mail from it. A mailing's
-- content is a stencil (src/mail/stencil.ts): of each recipient the values of its places are kept.

create table mailing (
  workspace_id uuid        not null references workspace on delete cascade,
  id           uuid        not null,
  state        text        not null constraint mailing_state_is_known check (state in ('running', 'paused', 'cancelled')),
  reason       jsonb,                                       -- why it stands still
  -- Beside 'all' and its stream, suppressions of these keep an address out of it.
  scopes       text[]      not null default '{}' constraint mailing_has_at_most_100_scopes check (cardinality(scopes) <= 100),
  created_at   timestamptz not null,
  changed_at   timestamptz not null,
  settled_at   timestamptz,                                 -- nothing of it waits any more, and nothing will
  primary key (workspace_id, id),
  constraint mailing_stop_explains_itself check ((state = 'running') = (reason is null))
);
create index mailing_stopped on mailing (workspace_id, id) where state <> 'running' and settled_at is null;
create index mailing_settled on mailing (settled_at) where settled_at is not null;
call protect_workspace('mailing');

alter table lane     add column mailing_id uuid;
alter table message  add column mailing_id uuid;
alter table delivery add column mailing_id uuid;

alter table lane drop constraint lane_is_one_of_its_kind;
alter table lane add constraint lane_is_one_of_its_kind
  unique nulls not distinct (workspace_id, stream, from_domain, receiver, fine, sorted_by, via_route, mailing_id);
create index lane_of_mailing on lane (mailing_id) where mailing_id is not null;

drop function lane_of(uuid, text, text, text, uuid[], int, uuid);
create function lane_of(in_workspace uuid, in_stream text, in_from text, in_receiver text, in_fine uuid[], in_sorted_by int, in_via uuid,
                        in_mailing uuid default null)
returns bigint language plpgsql as $$
declare
  found_id bigint;
begin
  select id into found_id from lane
   where workspace_id = in_workspace and stream = in_stream and from_domain = in_from and receiver is not distinct from in_receiver
     and fine = in_fine and sorted_by = in_sorted_by and via_route is not distinct from in_via and mailing_id is not distinct from in_mailing;
  if found_id is null then
    insert into lane (workspace_id, stream, from_domain, receiver, fine, sorted_by, via_route, mailing_id)
    values (in_workspace, in_stream, in_from, in_receiver, in_fine, in_sorted_by, in_via, in_mailing)
    on conflict on constraint lane_is_one_of_its_kind do update set stream = excluded.stream
    returning id into found_id;
  end if;
  return found_id;
end $$;

-- What one recipient's mail has in the places of the stencil, in their order.
create table delivery_slots (
  workspace_id uuid   not null,
  delivery_id  uuid   not null,
  slots        text[] not null,
  primary key (workspace_id, delivery_id)
);
call protect_workspace('delivery_slots', 'select, insert');

-- The counts of a mailing are a part of all counts: its page sums a handful of rows.
alter table delivery_count add column mailing_id uuid;
create index delivery_count_of_mailing on delivery_count (workspace_id, mailing_id) where mailing_id is not null;

alter table pace drop constraint pace_scope_is_known;
alter table pace add constraint pace_scope_is_known check (scope in ('workspace', 'route', 'from_domain', 'receiver', 'mailing'));

-- A list that somebody left is no stream: mail of other lists still goes to them.
alter table suppression drop constraint suppression_stream_is_known;
alter table suppression add constraint suppression_stream_is_known
  check (stream in ('all', 'transactional', 'conversation', 'bulk') or stream ~ '^list:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$');
