-- Who is in a snapshot, in pieces of twenty thousand. A row for each person, with two foreign keys and two indexes, took a million people longer than one
-- statement may take; fifty rows take a second or two. Whoever is erased is in it by a number that nobody has any more: people are read through `contact`.
create table segment_people (
  workspace_id uuid   not null,
  segment_id   uuid   not null,
  first_id     uuid   not null,                             -- the least and the greatest of its contacts
  last_id      uuid   not null,
  contact_ids  uuid[] not null,                             -- in order
  primary key (workspace_id, segment_id, last_id),
  foreign key (workspace_id, segment_id) references segment on delete cascade,
  constraint segment_people_are_in_order check (cardinality(contact_ids) > 0 and contact_ids[1] = first_id and contact_ids[cardinality(contact_ids)] = last_id)
);
call protect_workspace('segment_people');

insert into segment_people (workspace_id, segment_id, first_id, last_id, contact_ids)
select workspace_id, segment_id, ids[1], ids[cardinality(ids)], ids
  from (select workspace_id, segment_id, array_agg(contact_id order by contact_id) as ids
          from (select workspace_id, segment_id, contact_id,
                       (row_number() over (partition by workspace_id, segment_id order by contact_id) - 1) / 20000 as piece
                  from segment_member) as numbered
         group by workspace_id, segment_id, piece) as pieces;
drop table segment_member;

-- A piece as rows; as people_of_part() (0051) it is volatile so that the planner believes the number.
create function ids_of_piece(contact_ids uuid[]) returns table (id uuid) language sql volatile rows 20000
as 'select unnest(contact_ids)';
