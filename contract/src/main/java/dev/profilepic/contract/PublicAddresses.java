package dev.profilepic.contract;

import java.net.InetAddress;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/**
 * Addresses of global unicast, by IANA's registries of special-purpose addresses. Java itself turns
 * an IPv4-mapped address into the IPv4 address that it stands for.
 */
public final class PublicAddresses {

  /** The metadata service of a cloud, whose address is an ordinary public address. */
  private static final String AZURE = "168.63.129.16/32";

  private static final List<Range> SPECIAL =
      Stream.of(
              "0.0.0.0/8",
              "10.0.0.0/8",
              "100.64.0.0/10",
              "127.0.0.0/8",
              AZURE,
              "169.254.0.0/16",
              "172.16.0.0/12",
              "192.0.0.0/24",
              "192.0.2.0/24",
              "192.31.196.0/24",
              "192.52.193.0/24",
              "192.88.99.0/24",
              "192.168.0.0/16",
              "192.175.48.0/24",
              "198.18.0.0/15",
              "198.51.100.0/24",
              "203.0.113.0/24",
              "224.0.0.0/3",
              "2001::/23",
              "2001:db8::/32",
              "2002::/16",
              "2620:4f:8000::/48",
              "3fff::/20")
          .map(Range::parse)
          .toList();

  private static final Range GLOBAL_V6 = Range.parse("2000::/3");

  private PublicAddresses() {}

  /** Returns whether this is one of them. */
  public static boolean include(InetAddress address) {
    byte[] bytes = address.getAddress();
    return (bytes.length == 4 || GLOBAL_V6.contains(bytes))
        && SPECIAL.stream().noneMatch(range -> range.contains(bytes));
  }

  private record Range(byte[] start, int bits) {

    static Range parse(String text) {
      var parts = text.split("/", 2);
      return new Range(InetAddress.ofLiteral(parts[0]).getAddress(), Integer.parseInt(parts[1]));
    }

    boolean contains(byte[] address) {
      int whole = bits / 8;
      return address.length == start.length
          && Arrays.equals(address, 0, whole, start, 0, whole)
          && (bits % 8 == 0 || ((address[whole] ^ start[whole]) & 0xff) >> (8 - bits % 8) == 0);
    }
  }
}
