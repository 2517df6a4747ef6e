/**
 * What SQL protocols share: the text of a statement without its literals, its verb and its tables.
 * A tokenizer, not a grammar: it never fails, whatever the text.
 */
package io.kymo.protocol.sql;
