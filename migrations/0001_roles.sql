-- The second lock between workspaces.
--
-- Waybill connects as the owner of its tables (no superuser, no bypassrls). Whatever works for one workspace on behalf of a person or a key
-- does `set local role waybill_api` and sets `waybill.workspace` for the transaction: then row-level security shows that workspace alone, and
-- nothing at all while the setting is missing. The engine (dispatcher, followers, jobs) stays owner and sees every workspace.

do $$
begin
  if not exists (select from pg_roles where rolname = 'waybill_api') then
    create role waybill_api nologin noinherit;
  end if;
exception
  when duplicate_object or unique_violation then null;    -- another process made it in the same moment: roles belong to the whole cluster
  when insufficient_privilege then
    raise exception using
      message = 'Waybill needs a database role named waybill_api and may not create it here.',
      hint = format('Let an administrator of the database run: create role waybill_api nologin noinherit; grant waybill_api to %I;', current_user);
end
$$;

do $$
begin
  if not pg_has_role(current_user, 'waybill_api', 'set') then
    execute format('grant waybill_api to %I', current_user);
  end if;
exception
  when insufficient_privilege then
    raise exception using
      message = format('The database role %s may not act as waybill_api.', current_user),
      hint = format('Let an administrator of the database run: grant waybill_api to %I;', current_user);
end
$$;

grant usage on schema public to waybill_api;

-- The workspace of this transaction, or null. Stable and leak-free: a policy compares a column with one value.
create function current_workspace() returns uuid
  language sql stable parallel safe
  return nullif(current_setting('waybill.workspace', true), '')::uuid;

-- Puts a table behind the second lock: the API role sees and writes rows of its transaction's workspace only.
create procedure protect_workspace(target regclass, privileges text default 'select, insert, update, delete')
  language plpgsql as $$
begin
  execute format('alter table %s enable row level security', target);
  execute format(
    'create policy workspace_only on %s to waybill_api using (workspace_id = (select current_workspace())) with check (workspace_id = (select current_workspace()))',
    target);
  execute format('grant %s on %s to waybill_api', privileges, target);
end
$$;
