-- A segment counts its changes, so that whoever saves one says what they had read: of two saves at the same moment the second is told.
alter table segment add column version int not null default 1 constraint segment_version_is_positive check (version > 0);
