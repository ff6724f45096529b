-- What agents do to conversations: joining two and taking it back, tidying tags and fields away, and the rules that no single act can forget.

-- A conversation that was joined into another, and what that did to the other: all that taking it back needs.
create table conversation_merge (
  workspace_id uuid        not null,
  source_id    uuid        not null,
  target_id    uuid        not null,
  merged_at    timestamptz not null,
  items        uuid[]      not null,                        -- what moved
  before       jsonb       not null,                        -- of the target: columns that could change, …
  after        jsonb       not null,                        -- … and what they became
  participants text[]      not null,                        -- who came to the target by it
  followers    uuid[]      not null,
  starred_by   uuid[]      not null,
  primary key (workspace_id, source_id),
  foreign key (workspace_id, source_id) references conversation on delete cascade,
  foreign key (workspace_id, target_id) references conversation on delete cascade,
  constraint conversation_merge_joins_two check (source_id <> target_id)
);
create index conversation_merge_of_target on conversation_merge (workspace_id, target_id);
call protect_workspace('conversation_merge');

create index conversation_merged on conversation (workspace_id, merged_into) where merged_into is not null;
create index conversation_of_label on conversation (workspace_id, label_id) where label_id is not null;

-- A tag or a field that is being taken out of conversations, or a tag that becomes another: a chunk at a time, by a job.
create table conversation_rewrite (
  workspace_id uuid        not null references workspace on delete cascade,
  id           uuid        not null,
  kind         text        not null constraint conversation_rewrite_kind_is_known check (kind in ('tag', 'field')),
  subject      text        not null,                        -- the tag, or the id of the field
  becomes      text,                                        -- of a tag: the other one; null: nothing
  after        uuid,                                        -- of a field: conversations up to here are done
  requested_at timestamptz not null,
  primary key (workspace_id, id),
  constraint conversation_rewrite_turns_tags_into_tags check (kind = 'tag' or becomes is null)
);
call protect_workspace('conversation_rewrite');

create unique index custom_field_name_is_unique on custom_field (workspace_id, inbox_id, lower(name)) nulls not distinct;

-- A label is a shade of one status: whoever changes the status without saying another label leaves none behind.
create function drop_label_of_status() returns trigger
  language plpgsql as $$
begin
  new.label_id := null;
  return new;
end
$$;
create trigger conversation_label_goes_with_its_status before update of status on conversation
  for each row when (old.status is distinct from new.status and new.label_id is not distinct from old.label_id and new.label_id is not null)
  execute function drop_label_of_status();
