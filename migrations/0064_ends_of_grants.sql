-- What is known of when access to mailboxes elsewhere ends, so that it can be said in time: the client secret of an application (its provider shows the
-- day when it is made, and tells it nobody later), and what was granted for a mailbox. Whether Google's consent screen is in testing is known to
-- whoever registered the application; each grant ends after seven days then.

alter table oauth_app add column secret_ends_on date;
alter table oauth_app add column in_testing     boolean not null default false;
alter table oauth_app add constraint oauth_app_only_google_tests check (not in_testing or provider = 'google');

alter table mailbox_token add column refresh_ends_at timestamptz; -- where the provider told it (refresh_token_expires_in)
