/** What a colour means. Never alone: a shape and a word stand beside it. */
export type Tone = 'calm' | 'wait' | 'busy' | 'care' | 'doubt' | 'good' | 'bad'

/** Attribute that gives an element, and what is in it, the custom properties --tone, --tone-soft and --tone-text (styles/tones.css). */
export function toned(tone: Tone): { readonly 'data-tone': Tone } {
  return { 'data-tone': tone }
}
