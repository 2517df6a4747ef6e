/**
 * HTTP/1.0 and HTTP/1.1 (RFC 9110, RFC 9112). A message is decoded line by line and bodies are
 * passed over by their length, so that neither long heads nor long bodies are ever held.
 */
package io.kymo.protocol.http;
