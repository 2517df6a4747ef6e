/** Finds TLS in the programs and libraries that run, and has its plaintext told. */
package io.kymo.collector.tls;
