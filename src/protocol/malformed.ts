/** The bytes are not what they should be: thrown while decoding, and made a Failure where the bytes came in. */
export class Malformed extends Error {
  override readonly name = 'Malformed';
}
