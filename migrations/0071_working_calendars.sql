-- When people work: what workflows count working days and hours by.
create table working_calendar (
  workspace_id uuid        not null references workspace on delete cascade,
  id           uuid        not null,
  name         text        not null constraint working_calendar_name_has_1_to_100_characters check (length(name) between 1 and 100),
  zone         text        not null,
  week         jsonb       not null,                        -- src/lib/calendar.ts
  closed       text[]      not null default '{}' constraint working_calendar_has_at_most_500_days_off check (cardinality(closed) <= 500),
  -- The one that is meant where none is named.
  is_default   boolean     not null default false,
  changed_at   timestamptz not null,
  primary key (workspace_id, id)
);
create unique index working_calendar_by_name on working_calendar (workspace_id, lower(name));
create unique index working_calendar_default on working_calendar (workspace_id) where is_default;
call protect_workspace('working_calendar');

-- Whose turn it is among the members of a team.
create table team_turn (
  workspace_id uuid not null references workspace on delete cascade,
  team_id      uuid not null,
  user_id      uuid not null,                               -- who was last
  primary key (workspace_id, team_id)
);
call protect_workspace('team_turn');
