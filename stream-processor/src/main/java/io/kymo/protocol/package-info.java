/**
 * What a protocol parser is and what it may use. A new protocol is three files: {@code
 * <name>/<Name>Parser.java}, one line in {@link Protocol}, and {@code <name>.corpus} beside the
 * tests. Only the JDK and the schemas' constants are seen from here.
 */
package io.kymo.protocol;
