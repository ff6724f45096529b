-- Before a row goes, PostgreSQL looks whether others refer to it, one look for each row and each foreign key. Without an index that look reads the whole
-- table: taking back an import of 60,000 people read all contacts for each of them, 40 ms a person, and the more there are, the longer. Likewise
-- conversations, of which a purge removes thousands: the copies of their answers that were put into mailboxes, and who starred them.
create index contact_merged on contact (workspace_id, merged_into) where merged_into is not null;
create index sent_copy_of_conversation on sent_copy (workspace_id, conversation_id);
create index conversation_star_of_conversation on conversation_star (workspace_id, conversation_id);
