package io.kymo.collector.process;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ContainerCgroupTest {
  private static final String ID =
      "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
  private static final String OUTER =
      "ffff456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

  @ParameterizedTest
  @ValueSource(
      strings = {
        "0::/system.slice/docker-ID.scope", // docker, systemd driver
        "0::/docker/ID", // docker, cgroupfs driver
        "9:memory:/docker/ID\n1:name=systemd:/docker/ID\n0::/", // docker, version 1
        "0::/docker/ID/init", // a service manager inside of the container
        "0::/kubepods.slice/kubepods-podx.slice/cri-containerd-ID.scope", // containerd, systemd
        "0::/kubepods/burstable/pod12-34/ID", // containerd, cgroupfs
        "1:name=systemd:/system.slice/containerd.service/kubepods-podx.slice:cri-containerd:ID",
        "0::/kubepods.slice/kubepods-podx.slice/crio-ID.scope", // cri-o
        "0::/kubepods.slice/kubepods-podx.slice/crio-ID.scope/container", // cri-o with crun
        "0::/machine.slice/libpod-ID.scope/container", // podman
        "0::/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-ID.scope", // rootless
        "0::/libpod_parent/libpod-ID", // podman, cgroupfs
        "0::/docker/OUTER/kubelet.slice/kubelet-kubepods.slice/cri-containerd-ID.scope", // kind
        "0::/../../kubepods/besteffort/podx/ID", // seen from within another cgroup namespace
        "0::/ecs/0f0f0f0f/ID"
      })
  void innermostContainer(String file) {
    String text = file.replace("ID", ID).replace("OUTER", OUTER);

    assertThat(ContainerCgroup.parse(text).containerId()).isEqualTo(ID);
    assertThat(ContainerCgroup.parse(text).path()).contains(ID);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "0::/machine.slice/libpod-conmon-ID.scope",
        "0::/system.slice/crio-conmon-ID.scope",
        "0::/system.slice/foo-IDff.scope", // 66 digits
        "0::/system.slice/nginx.service",
        "0::/user.slice/user-0.slice/session-1.scope",
        "",
        "nonsense",
        "0:"
      })
  void noContainer(String file) {
    assertThat(ContainerCgroup.parse(file.replace("ID", ID)).containerId()).isEmpty();
  }

  @Test
  void pathOnHybridHostsComesFromTheHierarchyThatTellsMore() {
    assertThat(path("5:memory:/m\n1:name=systemd:/user.slice\n0::/")).isEqualTo("/user.slice");
    assertThat(path("5:memory:/m\n1:name=systemd:/user.slice\n0::/v2")).isEqualTo("/v2");
    assertThat(path("5:memory:/m\n1:name=systemd:/\n0::/")).isEqualTo("/m");
    assertThat(path("0::/")).isEqualTo("/");
    assertThat(path("")).isEmpty();
    assertThat(path("0::/with:colon")).isEqualTo("/with:colon");
  }

  private static String path(String file) {
    return ContainerCgroup.parse(file).path();
  }
}
