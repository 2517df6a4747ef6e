package io.kymo.protocol.dns;

import io.kymo.protocol.Status;
import java.util.Map;

/** Names of IANA's registry "Domain Name System (DNS) Parameters". */
final class DnsCodes {
  static final int A = 1;
  static final int NS = 2;
  static final int CNAME = 5;
  static final int SOA = 6;
  static final int NIMLOC = 32; // asked for by nobody; in NetBIOS the usual type
  static final int PTR = 12;
  static final int MX = 15;
  static final int TXT = 16;
  static final int AAAA = 28;
  static final int SRV = 33;
  static final int DNAME = 39;
  static final int OPT = 41;
  static final int IXFR = 251;
  static final int AXFR = 252;

  static final int QUERY = 0;
  static final int NOTIFY = 4;
  static final int UPDATE = 5;

  private static final Map<Integer, String> TYPES =
      Map.ofEntries(
          Map.entry(1, "A"),
          Map.entry(2, "NS"),
          Map.entry(5, "CNAME"),
          Map.entry(6, "SOA"),
          Map.entry(10, "NULL"),
          Map.entry(11, "WKS"),
          Map.entry(12, "PTR"),
          Map.entry(13, "HINFO"),
          Map.entry(14, "MINFO"),
          Map.entry(15, "MX"),
          Map.entry(16, "TXT"),
          Map.entry(17, "RP"),
          Map.entry(18, "AFSDB"),
          Map.entry(24, "SIG"),
          Map.entry(25, "KEY"),
          Map.entry(28, "AAAA"),
          Map.entry(29, "LOC"),
          Map.entry(33, "SRV"),
          Map.entry(35, "NAPTR"),
          Map.entry(36, "KX"),
          Map.entry(37, "CERT"),
          Map.entry(39, "DNAME"),
          Map.entry(41, "OPT"),
          Map.entry(42, "APL"),
          Map.entry(43, "DS"),
          Map.entry(44, "SSHFP"),
          Map.entry(45, "IPSECKEY"),
          Map.entry(46, "RRSIG"),
          Map.entry(47, "NSEC"),
          Map.entry(48, "DNSKEY"),
          Map.entry(49, "DHCID"),
          Map.entry(50, "NSEC3"),
          Map.entry(51, "NSEC3PARAM"),
          Map.entry(52, "TLSA"),
          Map.entry(53, "SMIMEA"),
          Map.entry(55, "HIP"),
          Map.entry(59, "CDS"),
          Map.entry(60, "CDNSKEY"),
          Map.entry(61, "OPENPGPKEY"),
          Map.entry(62, "CSYNC"),
          Map.entry(63, "ZONEMD"),
          Map.entry(64, "SVCB"),
          Map.entry(65, "HTTPS"),
          Map.entry(99, "SPF"),
          Map.entry(108, "EUI48"),
          Map.entry(109, "EUI64"),
          Map.entry(249, "TKEY"),
          Map.entry(250, "TSIG"),
          Map.entry(251, "IXFR"),
          Map.entry(252, "AXFR"),
          Map.entry(255, "ANY"),
          Map.entry(256, "URI"),
          Map.entry(257, "CAA"),
          Map.entry(32768, "TA"),
          Map.entry(32769, "DLV"));

  private static final String[] RCODES = {
    "NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMP", "REFUSED", "YXDOMAIN", "YXRRSET",
        "NXRRSET", "NOTAUTH", "NOTZONE", "DSOTYPENI",
    "RCODE12", "RCODE13", "RCODE14", "RCODE15", "BADVERS", "BADKEY", "BADTIME", "BADMODE",
        "BADNAME", "BADALG", "BADTRUNC", "BADCOOKIE"
  };

  private static final String[] OPCODES = {
    "QUERY",
    "IQUERY",
    "STATUS",
    "OPCODE3",
    "NOTIFY",
    "UPDATE",
    "DSO",
    "OPCODE7",
    "OPCODE8",
    "OPCODE9",
    "OPCODE10",
    "OPCODE11",
    "OPCODE12",
    "OPCODE13",
    "OPCODE14",
    "OPCODE15"
  };

  private DnsCodes() {}

  static boolean knownType(int type) {
    return TYPES.containsKey(type);
  }

  static String type(int type) {
    String name = TYPES.get(type);
    return name != null ? name : "TYPE" + type;
  }

  static String rcode(int rcode) {
    return rcode < RCODES.length ? RCODES[rcode] : "RCODE" + rcode;
  }

  static String opcode(int opcode) {
    return OPCODES[opcode];
  }

  /**
   * Whose fault it is: SERVFAIL and NOTIMP are the server's, all else (a name that does not exist,
   * too) the client's.
   */
  static Status status(int rcode) {
    return switch (rcode) {
      case 0 -> Status.OK;
      case 2, 4, 11 -> Status.SERVER_ERROR;
      default -> Status.CLIENT_ERROR;
    };
  }
}
