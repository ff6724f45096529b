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
