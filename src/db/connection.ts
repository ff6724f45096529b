/** How one database is reached; `host` may be the folder of a socket. `pg` takes it as it is. */
export interface ConnectionParts {
  readonly host: string
  readonly port: number
  readonly user: string
  readonly database: string
  readonly password?: string
}
