-- A source that is not fetched from: its provider hands the mail over. Amazon SES takes mail for a domain and tells it to a topic of SNS, which posts
-- it to an address of ours. Only the topic that is named is believed.

alter table inbound_source drop constraint inbound_source_kind_is_known;
alter table inbound_source add constraint inbound_source_kind_is_known check (kind in ('mailbox', 'folder', 'ses'));
alter table inbound_source add column topic_arn text;
alter table inbound_source add column route_id uuid;                 -- whose access to AWS reads mail that SES put into S3
alter table inbound_source add constraint inbound_source_route_is_there foreign key (workspace_id, route_id) references route on delete set null (route_id);
alter table inbound_source drop constraint inbound_source_reads_one_thing;
alter table inbound_source add constraint inbound_source_reads_one_thing
  check ((kind = 'mailbox') = (mailbox_id is not null) and (kind = 'folder') = (path is not null) and (kind = 'ses') = (topic_arn is not null));
alter table inbound_source add constraint inbound_source_only_ses_has_a_route check (route_id is null or kind = 'ses');
create unique index inbound_source_topic_is_believed_once on inbound_source (workspace_id, topic_arn) where topic_arn is not null;
