-- Campaigns to lists and segments, less others; and addresses that may be none.

-- Whom a campaign with segments is for: answered at one moment, in pieces that each are one step of freezing, and gone when all of them were looked at.
create table campaign_audience_part (
  workspace_id uuid      not null,
  campaign_id  uuid      not null,
  first_id     uuid      not null,                          -- the least and the greatest of its contacts
  last_id      uuid      not null,
  contact_ids  uuid[]    not null,                          -- in order
  left_out     boolean[] not null,                          -- of each, whether a list or segment that is left out has them
  primary key (workspace_id, campaign_id, last_id),
  foreign key (workspace_id, campaign_id) references campaign on delete cascade,
  constraint campaign_audience_part_says_of_each check (cardinality(contact_ids) = cardinality(left_out) and cardinality(contact_ids) > 0)
);
call protect_workspace('campaign_audience_part');

-- A piece as rows. It is volatile so that the planner does not look inside, and believes the number: with its own guess, ten, it would compare each with each.
create function people_of_part(contact_ids uuid[], left_out boolean[]) returns table (contact_id uuid, is_out boolean) language sql volatile rows 20000
as 'select * from unnest(contact_ids, left_out)';

-- 'left_out': the sender chose so. 'not_subscribed': a segment has them, and they are subscribed to none of the workspace's lists.
alter table campaign_recipient drop constraint campaign_recipient_reason_is_known;
alter table campaign_recipient add constraint campaign_recipient_reason_is_known
  check (reason in ('left_out', 'unsubscribed', 'unconfirmed', 'not_subscribed', 'suppressed', 'no_address', 'malformed', 'duplicate', 'missing_field',
                    'unrenderable', 'gone'));

-- An address of the everyday kind. What is none of these may still be an address (src/mail/address.ts knows), or a whole line of a table.
create function is_plain_address(address text) returns boolean language sql immutable parallel safe
return length(address) <= 64 and address ~ '^[a-z0-9_+-]+([.][a-z0-9_+-]+)*@([a-z0-9]+(-[a-z0-9]+)*[.])+[a-z][a-z]+$';
create index contact_address_not_plain on contact_address (workspace_id, address) where not is_plain_address(address);

-- Repairs: addresses that are none, split into address and names. What was there before stands in the row, so that all of it can be undone.
create table contact_repair (
  workspace_id uuid        not null references workspace on delete cascade,
  id           uuid        not null,
  state        text        not null constraint contact_repair_state_is_known check (state in ('running', 'done', 'undoing', 'undone')),
  addresses    text[],                                       -- the chosen ones; null: all
  conflicts    text        not null constraint contact_repair_conflicts_are_known check (conflicts in ('skip', 'merge')),
  counts       jsonb       not null,
  cursor       text        not null default '',
  actor        jsonb       not null,
  created_at   timestamptz not null,
  finished_at  timestamptz,
  primary key (workspace_id, id),
  constraint contact_repair_ends_when_it_does_not_work check ((state in ('running', 'undoing')) = (finished_at is null))
);
create index contact_repair_at_work on contact_repair (created_at) where state in ('running', 'undoing');
call protect_workspace('contact_repair');

create table contact_repair_row (
  workspace_id uuid not null,
  repair_id    uuid not null,
  address      text not null,                                -- as it was
  contact_id   uuid not null,
  done         text not null constraint contact_repair_row_end_is_known check (done in ('split', 'merged', 'skipped')),
  became       text,
  reason       text not null default '',
  before       jsonb,
  undone       text constraint contact_repair_row_undoing_is_known check (undone in ('back', 'stayed')),
  primary key (workspace_id, repair_id, address),
  foreign key (workspace_id, repair_id) references contact_repair on delete cascade,
  constraint contact_repair_row_says_why check ((done = 'skipped') <= (reason <> ''))
);
create index contact_repair_row_of_contact on contact_repair_row (workspace_id, contact_id);
call protect_workspace('contact_repair_row');

-- People by their names.
create index contact_by_name on contact (workspace_id, lower(name), id) where merged_into is null;
