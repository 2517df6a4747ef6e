/**
 * MySQL's client/server protocol as MySQL 3.23 to 9 and MariaDB speak it. {@link
 * io.kymo.protocol.mysql.MysqlParser} recognises and hands on; {@code Requests} reads what clients
 * send, {@code Responses} what servers send, {@code MysqlSession} is what is remembered between.
 */
package io.kymo.protocol.mysql;
