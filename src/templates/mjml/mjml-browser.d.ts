/** MJML without files: the part of it that we use. */
declare module 'mjml-browser' {
  export interface MjmlError {
    readonly line: number
    readonly message: string
    readonly tagName: string
  }
  function mjml2html(
    source: string,
    options: {
      readonly validationLevel: 'soft'
      readonly keepComments: boolean
      readonly fonts: Readonly<Record<string, string>>
      readonly ignoreIncludes: boolean
    },
  ): Promise<{ readonly html: string; readonly errors: readonly MjmlError[] }>
  // biome-ignore lint/style/noDefaultExport: it is what the package exports
  export default mjml2html
}
