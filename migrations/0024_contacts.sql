-- People who write to us and whom we write to. One person may have several addresses; an address belongs to one person of a workspace.

create table contact (
  workspace_id uuid        not null references workspace on delete cascade,
  id           uuid        not null,
  name         text        not null default '' constraint contact_name_has_at_most_200_characters check (length(name) <= 200),
  company      text        not null default '' constraint contact_company_has_at_most_200_characters check (length(company) <= 200),
  job_title    text        not null default '' constraint contact_job_title_has_at_most_200_characters check (length(job_title) <= 200),
  phones       text[]      not null default '{}' constraint contact_has_at_most_20_phones check (cardinality(phones) <= 20),
  note         text        not null default '' constraint contact_note_has_at_most_10000_characters check (length(note) <= 10000),
  merged_into  uuid,                                        -- the person this one turned out to be; it has no address any more
  created_at   timestamptz not null,
  updated_at   timestamptz not null,
  primary key (workspace_id, id),
  foreign key (workspace_id, merged_into) references contact,
  constraint contact_is_not_merged_into_itself check (merged_into <> id)
);
call protect_workspace('contact');

-- As addresses are compared: whole, in lower case.
create table contact_address (
  workspace_id uuid        not null,
  address      text        not null constraint contact_address_is_in_lower_case check (address = lower(address) and length(address) between 3 and 320),
  contact_id   uuid        not null,
  is_primary   boolean     not null,
  created_at   timestamptz not null,
  primary key (workspace_id, address),
  foreign key (workspace_id, contact_id) references contact on delete cascade
);
create index contact_address_of_contact on contact_address (workspace_id, contact_id);
create unique index contact_has_one_primary_address on contact_address (workspace_id, contact_id) where is_primary;
call protect_workspace('contact_address');
