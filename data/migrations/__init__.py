"""The steps from one release's schema to the next, run by `deskline upgrade` through `data.upgrade`."""
