-- Incidents: what is wrong now and needs a person, each under a key that names the trouble and not the moment it was seen. Whoever sees it
-- again refreshes the row; whoever sees it gone resolves it. At most one open row a key, so that ten thousand refusals are one line to read.

create table incident (
  workspace_id    uuid        not null references workspace on delete cascade,
  id              uuid        not null,
  key             text        not null constraint incident_key_has_1_to_300_characters check (length(key) between 1 and 300),
  kind            text        not null constraint incident_kind_is_a_name check (kind ~ '^[a-z0-9_]+(\.[a-z0-9_]+)*$'),
  severity        text        not null constraint incident_severity_is_known check (severity in ('warning', 'critical')),
  title           text        not null,
  sentence        text        not null,
  hint            text        not null,
  subject         jsonb,                                  -- {kind, id}: what it is about; null: the workspace as a whole
  evidence        jsonb       not null default '{}',
  opened_at       timestamptz not null,
  seen_at         timestamptz not null,
  times           bigint      not null default 1 constraint incident_was_seen check (times >= 1),
  acknowledged_at timestamptz,
  acknowledged_by text,                                   -- 'user:<id>', 'key:<id>'
  resolved_at     timestamptz,
  resolved_by     text,                                   -- null when the trouble itself went away
  primary key (workspace_id, id),
  constraint incident_is_seen_after_it_opened     check (seen_at >= opened_at),
  constraint incident_acknowledged_by_somebody    check ((acknowledged_at is null) = (acknowledged_by is null)),
  constraint incident_resolved_by_only_at_the_end check (resolved_by is null or resolved_at is not null)
);
create unique index incident_one_open_a_key on incident (workspace_id, key) where resolved_at is null;
create index incident_resolved on incident (workspace_id, id) where resolved_at is not null;
create index incident_resolved_by_time on incident (resolved_at) where resolved_at is not null;

call protect_workspace('incident');
