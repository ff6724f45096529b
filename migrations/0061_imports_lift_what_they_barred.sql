-- Whom an import kept from newsletters, so that its undo lifts it: 'made' by this row, or 'asked' for where it stood already, by whatever had made it.
alter table import_row
  add column barred    text constraint import_row_barring_is_known check (barred in ('made', 'asked')),
  add column barred_at timestamptz,                         -- when it was made: a suppression of another moment is somebody else's word
  add constraint import_row_made_says_when check ((barred = 'made') <= (barred_at is not null));
create index import_row_barred on import_row (workspace_id, address) where barred is not null;
