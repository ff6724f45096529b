-- What mail for many is written with: templates, images that mail shows from here, and the addresses that tests go to.

-- A design with places. Drafts follow it; what was started has taken a copy (campaign.content), so a change here changes nothing that was sent.
create table template (
  workspace_id uuid        not null references workspace on delete cascade,
  id           uuid        not null,
  name         text        not null constraint template_name_has_1_to_200_characters check (length(name) between 1 and 200),
  description  text        not null default '' constraint template_description_is_short check (length(description) <= 1000),
  format       text        not null constraint template_format_is_known check (format in ('text', 'markdown', 'blocks', 'mjml', 'html')),
  body         text        not null,
  blocks       jsonb,                                        -- src/templates/blocks/block.ts
  fields       jsonb       not null default '[]',
  version      int         not null default 1,               -- grows with every change
  created_at   timestamptz not null,
  created_by   text,
  updated_at   timestamptz not null,
  primary key (workspace_id, id),
  constraint template_of_blocks_has_blocks check ((format = 'blocks') = (blocks is not null))
);
call protect_workspace('template');

-- A picture that anybody who knows its token may look at: mail shows it to people we do not know. Its bytes are a blob and never change.
create table image (
  workspace_id uuid        not null references workspace on delete cascade,
  id           uuid        not null,
  token        text        not null constraint image_token_cannot_be_guessed check (length(token) >= 22),
  name         text        not null constraint image_name_has_1_to_200_characters check (length(name) between 1 and 200),
  alt          text        not null default '' constraint image_alt_is_short check (length(alt) <= 500),
  content_type text        not null constraint image_type_is_a_picture check (content_type in ('image/png', 'image/jpeg', 'image/gif', 'image/webp')),
  width        int         not null,
  height       int         not null,
  hash         bytea       not null,
  size_bytes   bigint      not null,
  created_at   timestamptz not null,
  created_by   text,
  primary key (workspace_id, id)
);
create unique index image_by_token on image (token);
-- The same picture twice is one.
create unique index image_once on image (workspace_id, hash);
call protect_workspace('image');

-- Where tests of campaigns go: mailboxes of the workspace's own people with different providers.
create table seed_address (
  workspace_id uuid        not null references workspace on delete cascade,
  address      text        not null,
  name         text        not null default '' constraint seed_address_name_is_short check (length(name) <= 200),
  created_at   timestamptz not null,
  primary key (workspace_id, address)
);
call protect_workspace('seed_address');
