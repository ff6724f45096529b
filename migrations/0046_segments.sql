-- Segments: a named question about people, asked anew each time ('live'), or answered once and kept ('snapshot').

create table segment (
  workspace_id uuid        not null references workspace on delete cascade,
  id           uuid        not null,
  name         text        not null constraint segment_name_has_1_to_100_characters check (length(name) between 1 and 100),
  tree         jsonb       not null,
  kind         text        not null default 'live' constraint segment_kind_is_known check (kind in ('live', 'snapshot')),
  taken_at     timestamptz,
  created_at   timestamptz not null,
  updated_at   timestamptz not null,
  primary key (workspace_id, id),
  constraint segment_snapshot_was_taken check ((kind = 'snapshot') = (taken_at is not null))
);
create unique index segment_name_is_used_once on segment (workspace_id, lower(name));
call protect_workspace('segment');

create table segment_member (
  workspace_id uuid not null,
  segment_id   uuid not null,
  contact_id   uuid not null,
  primary key (workspace_id, segment_id, contact_id),
  foreign key (workspace_id, segment_id) references segment on delete cascade,
  foreign key (workspace_id, contact_id) references contact on delete cascade
);
create index segment_member_of_contact on segment_member (workspace_id, contact_id);
call protect_workspace('segment_member');
