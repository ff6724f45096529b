-- People as those whom newsletters go to: what is known of them in columns of the workspace's own, the lists they are on, the proof that they want to
-- be, tags, and what they did with what they got. Consent only rises by the person or by an override that says who and why.

-- What workspaces know of people beyond their name. A key never changes; what it means to people, the label, may.
create table contact_field (
  workspace_id uuid        not null references workspace on delete cascade,
  key          text        not null constraint contact_field_key_is_a_word check (key ~ '^[a-z][a-z0-9_]{0,39}$'),
  label        text        not null constraint contact_field_label_has_1_to_60_characters check (length(label) between 1 and 60),
  type         text        not null constraint contact_field_type_is_known
                           check (type in ('text', 'number', 'boolean', 'date', 'choice', 'choices', 'url')),
  options      text[]      not null default '{}' constraint contact_field_has_at_most_200_options check (cardinality(options) <= 200),
  is_required  boolean     not null default false,
  position     int         not null default 0,
  created_at   timestamptz not null,
  updated_at   timestamptz not null,
  primary key (workspace_id, key),
  constraint contact_field_choices_have_options check ((type in ('choice', 'choices')) = (cardinality(options) > 0))
);
call protect_workspace('contact_field');

-- `name` stays what people read. An external id is the key of another system.
alter table contact
  add column first_name  text  not null default '' constraint contact_first_name_has_at_most_100_characters check (length(first_name) <= 100),
  add column last_name   text  not null default '' constraint contact_last_name_has_at_most_100_characters check (length(last_name) <= 100),
  add column external_id text  constraint contact_external_id_has_1_to_200_characters check (length(external_id) between 1 and 200),
  add column language    text  not null default '' constraint contact_language_is_a_tag check (language = '' or language ~ '^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$' and length(language) <= 35),
  add column time_zone   text  not null default '' constraint contact_time_zone_has_at_most_64_characters check (length(time_zone) <= 64),
  add column data        jsonb not null default '{}'
    constraint contact_data_is_an_object_of_at_most_16_kilobytes check (jsonb_typeof(data) = 'object' and length(data::text) <= 16384);
create unique index contact_of_external_id on contact (workspace_id, external_id) where external_id is not null and merged_into is null;

create table contact_tag (
  workspace_id uuid        not null,
  tag          text        not null constraint contact_tag_is_short_and_trimmed check (tag = btrim(tag) and length(tag) between 1 and 60),
  contact_id   uuid        not null,
  tagged_at    timestamptz not null,
  primary key (workspace_id, tag, contact_id),
  foreign key (workspace_id, contact_id) references contact on delete cascade
);
create index contact_tag_of_contact on contact_tag (workspace_id, contact_id);
call protect_workspace('contact_tag');

-- What people subscribe to. A public list is shown to people themselves; a list with double opt-in mails nobody who has not confirmed.
create table contact_list (
  workspace_id uuid        not null references workspace on delete cascade,
  id           uuid        not null,
  name         text        not null constraint contact_list_name_has_1_to_100_characters check (length(name) between 1 and 100),
  slug         text        not null constraint contact_list_slug_is_a_word check (slug ~ '^[a-z0-9][a-z0-9-]{0,59}$'),
  description  text        not null default '' constraint contact_list_description_has_at_most_1000_characters check (length(description) <= 1000),
  visibility   text        not null default 'private' constraint contact_list_visibility_is_known check (visibility in ('public', 'private')),
  opt_in       text        not null default 'single' constraint contact_list_opt_in_is_known check (opt_in in ('single', 'double')),
  archived_at  timestamptz,
  created_at   timestamptz not null,
  updated_at   timestamptz not null,
  primary key (workspace_id, id),
  constraint contact_list_slug_is_used_once unique (workspace_id, slug)
);
call protect_workspace('contact_list');

-- Where a person stands with a list: the last word of its consent events. `source` is that of the last word.
create table list_member (
  workspace_id uuid        not null,
  list_id      uuid        not null,
  contact_id   uuid        not null,
  status       text        not null constraint list_member_status_is_known check (status in ('pending', 'subscribed', 'unsubscribed')),
  source       text        not null constraint list_member_source_is_known
                           check (source in ('import', 'form', 'recipient', 'person', 'api', 'merge', 'address', 'undo')),
  since        timestamptz not null,
  primary key (workspace_id, list_id, contact_id),
  foreign key (workspace_id, list_id) references contact_list on delete cascade,
  foreign key (workspace_id, contact_id) references contact on delete cascade
);
create index list_member_of_contact on list_member (workspace_id, contact_id);
create index list_member_by_status on list_member (workspace_id, list_id, status, contact_id);
call protect_workspace('list_member');

-- The proof: what a person's standing was and became, who said so, how, and in what words they were asked. Only ever added to; erasing a person takes it along.
create table consent_event (
  workspace_id uuid        not null,
  id           uuid        not null,
  contact_id   uuid        not null,
  address      text        not null,                        -- the one it was said for; '' for whoever had none
  list_id      uuid        not null,
  was          text        not null constraint consent_event_was_is_known check (was in ('none', 'pending', 'subscribed', 'unsubscribed')),
  became       text        not null constraint consent_event_became_is_known check (became in ('none', 'pending', 'subscribed', 'unsubscribed')),
  at           timestamptz not null,
  source       text        not null constraint consent_event_source_is_known
                           check (source in ('import', 'form', 'recipient', 'person', 'api', 'merge', 'address', 'undo')),
  source_id    text,                                        -- which import, form, delivery, merged contact
  actor        text,
  is_override  boolean     not null default false,          -- somebody of the workspace raised what the person had lowered, or had not confirmed
  wording      text        not null default '' constraint consent_event_wording_has_at_most_2000_characters check (length(wording) <= 2000),
  ip           inet,
  primary key (workspace_id, id),
  foreign key (workspace_id, contact_id) references contact on delete cascade,
  foreign key (workspace_id, list_id) references contact_list on delete cascade,
  constraint consent_override_says_why check (not is_override or wording <> '')
);
create index consent_event_of_contact on consent_event (workspace_id, contact_id, id);
call protect_workspace('consent_event', 'select, insert');

-- What became of what somebody was sent, and what they wrote: a projection of the log, moved by a follower. One row for what happened once or more often.
create table contact_activity (
  workspace_id uuid        not null,
  contact_id   uuid        not null,
  kind         text        not null constraint contact_activity_kind_is_known
                           check (kind in ('sent', 'delivered', 'bounced', 'complained', 'opened', 'clicked', 'unsubscribed', 'wrote', 'replied')),
  subject_id   uuid        not null,                        -- the delivery, or the conversation
  campaign_id  uuid,
  address      text        not null,
  at           timestamptz not null,                        -- the first time
  primary key (workspace_id, contact_id, kind, subject_id),
  foreign key (workspace_id, contact_id) references contact on delete cascade
);
create index contact_activity_by_kind on contact_activity (workspace_id, kind, at, contact_id);
create index contact_activity_of_campaign on contact_activity (workspace_id, campaign_id, kind, contact_id) where campaign_id is not null;
call protect_workspace('contact_activity', 'select');

-- Everything about contacts as a file: written in parts by a job, each with the cursor that it moved, and fetched as one. Kept for a week.
create table contact_export (
  workspace_id uuid        not null references workspace on delete cascade,
  id           uuid        not null,
  format       text        not null constraint contact_export_format_is_known check (format in ('csv', 'jsonl')),
  scope        jsonb       not null,                        -- all, a list, a segment, or ids
  state        text        not null constraint contact_export_state_is_known check (state in ('running', 'done', 'failed')),
  cursor       uuid,
  rows_written int         not null default 0,
  bytes        bigint      not null default 0,
  problem      text        not null default '',
  actor        text,
  created_at   timestamptz not null,
  finished_at  timestamptz,
  primary key (workspace_id, id),
  constraint contact_export_ends_when_it_does_not_run check ((state = 'running') = (finished_at is null))
);
create index contact_export_running on contact_export (created_at) where state = 'running';
call protect_workspace('contact_export');

create table contact_export_part (
  workspace_id uuid  not null,
  export_id    uuid  not null,
  n            int   not null,
  content      bytea not null,                              -- deflated
  primary key (workspace_id, export_id, n),
  foreign key (workspace_id, export_id) references contact_export on delete cascade
);
alter table contact_export_part alter column content set storage external;
call protect_workspace('contact_export_part');
