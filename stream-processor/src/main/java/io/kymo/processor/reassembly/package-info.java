/**
 * From segments to messages: puts the bytes of both directions in order, recognises the protocol,
 * drives its parser, and accounts for every byte. {@link io.kymo.processor.reassembly.Conversation}
 * is the way in. Nothing here is thread-safe: one task, one thread.
 */
package io.kymo.processor.reassembly;
