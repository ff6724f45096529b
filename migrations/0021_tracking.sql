-- Tracking by choice: which messages tell when they are opened and what is followed in them, where their links lead, and what was seen.

-- Null: not tracked. `stand_in` is what stands in the stored content for the token that each delivery gets as it leaves; `link_set` names its links.
alter table message add column tracking jsonb
  constraint message_tracking_is_whole check (tracking is null or tracking ?& array['stand_in', 'link_set', 'opens', 'clicks']);

-- The only places that tracked links lead to. A set belongs to one text: to a message and those that repeat it, or to all messages of a batch.
create table tracked_link (
  workspace_id uuid     not null references workspace on delete cascade,
  link_set     uuid     not null,
  n            smallint not null constraint tracked_link_is_counted_from_1 check (n between 1 and 1000),
  url          text     not null constraint tracked_link_leads_to_the_web check (url ~ '^https?://' and length(url) <= 8000),
  primary key (workspace_id, link_set, n)
);
call protect_workspace('tracked_link', 'select, insert');

-- What was asked of us, at most a hundred times a delivery. `who` is a guess until `settled_at`: then the hits around it were looked at, too.
create table tracking_hit (
  workspace_id uuid        not null references workspace on delete cascade,
  delivery_id  uuid        not null,
  id           uuid        not null,
  message_id   uuid        not null,
  kind         text        not null constraint tracking_hit_kind_is_known check (kind in ('open', 'click')),
  link_set     uuid        not null,
  link         smallint,
  at           timestamptz not null,
  who          text        not null constraint tracking_hit_who_is_known check (who in ('human', 'proxy', 'scanner', 'unknown')),
  user_agent   text        not null constraint tracking_hit_user_agent_is_short check (length(user_agent) <= 200),
  settled_at   timestamptz,
  primary key (workspace_id, delivery_id, id),
  constraint tracking_hit_only_a_click_has_a_link check ((kind = 'click') = (link is not null))
);
create index tracking_hit_of_message on tracking_hit (workspace_id, message_id);
create index tracking_hit_unsettled  on tracking_hit (at) where settled_at is null;
create index tracking_hit_by_age     on tracking_hit (at);
call protect_workspace('tracking_hit', 'select');
