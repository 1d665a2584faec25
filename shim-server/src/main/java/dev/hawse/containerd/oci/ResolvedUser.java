package dev.hawse.containerd.oci;

import java.util.List;

/**
 * A user and its groups, as numbers.
 *
 * @param additionalGids the primary group first: a process that drops its primary group must not gain by it what a file
 *     denies to that group (CVE-2022-36109)
 */
public record ResolvedUser(int uid, int gid, List<Integer> additionalGids) {

    public ResolvedUser {
        additionalGids = List.copyOf(additionalGids);
    }
}
