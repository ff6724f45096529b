-- An act on many contacts can be stopped while it is under way: what is done stays and can be undone, everybody else is left as they are and counted.
alter table contact_act drop constraint contact_act_state_is_known;
alter table contact_act add constraint contact_act_state_is_known
  check (state in ('choosing', 'running', 'done', 'stopped', 'undoing', 'undone', 'failed'));
update contact_act set counts = counts || '{"left": 0}';
