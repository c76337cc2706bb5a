package dev.profilepic.worker.store;

import java.util.List;
import java.util.Optional;

class PostgresStoreTest extends StoreContract {

  @Override
  String[] settings() {
    return new String[0];
  }

  @Override
  List<String> kept() {
    return jdbc.queryForList("SELECT storage_key FROM profile_pic.avatars", String.class);
  }

  @Override
  Optional<byte[]> bytes(String key) {
    return worker.bean(StoreSql.class).bytes(key);
  }
}
